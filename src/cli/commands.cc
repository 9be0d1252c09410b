#include "src/cli/commands.h"

#include <array>
#include <string>
#include <vector>

#include "src/cli/arguments.h"
#include "src/cli/exit_status.h"
#include "src/cli/nearest.h"
#include "src/cli/usage.h"

namespace quoin::cli {
namespace {

// A command and how many words its name takes.
struct Found {
  const Command* command = nullptr;
  size_t words = 0;
};

size_t word_count(std::string_view name) {
  return name.find(' ') == std::string_view::npos ? size_t{1} : size_t{2};
}

// `words` joined by blanks, at most two of them.
std::string name_in(std::span<const std::string_view> words, size_t count) {
  std::string name(words[0]);
  if (count > 1 && words.size() > 1) name.append(" ").append(words[1]);
  return name;
}

Found find_command(std::span<const std::string_view> words) {
  for (const Command& command : all_commands()) {
    const size_t count = word_count(command.name);
    if (name_in(words, count) == command.name) return {&command, count};
  }
  return {};
}

// "sim" is a group: a word that begins the names of several commands.
bool is_group(std::string_view word) {
  for (const Command& command : all_commands()) {
    if (word_count(command.name) == 2 && command.name.substr(0, command.name.find(' ')) == word) {
      return true;
    }
  }
  return false;
}

Error unknown_command(std::span<const std::string_view> words) {
  const bool in_group = is_group(words[0]);
  const bool is_complete = !in_group || (words.size() > 1 && !words[1].starts_with('-'));
  const std::string typed = name_in(words, in_group && is_complete ? 2 : 1);
  std::vector<std::string_view> names;
  for (const Command& command : all_commands()) {
    const bool belongs = in_group ? command.name.starts_with(std::string(words[0]) + " ")
                                  : word_count(command.name) == 1;
    if (belongs) names.push_back(command.name);
  }
  if (!is_complete) {
    std::string all;
    for (const std::string_view name : names) all.append(all.empty() ? "" : ", ").append(name);
    return usage_error("quoin " + typed + " is not complete", "there are: " + all);
  }
  const std::optional<std::string_view> meant = nearest(typed, names);
  return usage_error("there is no command '" + typed + "'",
                     meant ? "did you mean quoin " + std::string(*meant) + "?"
                           : "quoin --help lists the commands");
}

}  // namespace

std::span<const Command> all_commands() {
  static const std::array commands = {
      kRunCommand,        kVerifyCommand,        kInspectCommand, kPolicyCheckCommand,
      kPolicyTestCommand, kPolicyDiffCommand,    kSimInitCommand, kSimRootCommand,
      kSimQuoteCommand,   kSimCollateralCommand, kHelpCommand,    kVersionCommand,
  };
  return commands;
}

int run_command_line(std::span<const std::string_view> words, Output& output) {
  if (words.empty()) {
    output.error(usage_error("needs a command", "quoin --help lists the commands"));
    return kExitUsage;
  }
  if (words[0] == "--help" || words[0] == "-h") {
    output.data(help_text(all_commands()));
    return kExitOk;
  }
  if (words[0] == "--version") return kVersionCommand.run(Arguments(), output);

  const Found found = find_command(words);
  if (found.command == nullptr) {
    output.error(unknown_command(words));
    return kExitUsage;
  }
  const Result<Arguments> arguments = Arguments::parse(*found.command, words.subspan(found.words));
  if (!arguments.ok()) {
    output.error(arguments.error());
    return found.command->usage_status;
  }
  if (arguments->wants_help()) {
    output.data(help_text(*found.command));
    return kExitOk;
  }
  return found.command->run(*arguments, output);
}

}  // namespace quoin::cli
