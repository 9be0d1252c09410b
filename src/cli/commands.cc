#include "src/cli/commands.h"

#include <algorithm>
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
  return static_cast<size_t>(std::ranges::count(name, ' ')) + 1;
}

// The first `count` words, if there are so many, joined by blanks.
std::string joined_words(std::span<const std::string_view> words, size_t count) {
  std::string name;
  for (const std::string_view word : words.first(std::min(count, words.size()))) {
    name.append(name.empty() ? "" : " ").append(word);
  }
  return name;
}

Found find_command(std::span<const std::string_view> words) {
  for (const Command& command : all_commands()) {
    const size_t count = word_count(command.name);
    if (joined_words(words, count) == command.name) return {&command, count};
  }
  return {};
}

// "sim" and "sim td" are groups: words that begin the names of several commands. How many of
// `words` make one.
size_t group_words(std::span<const std::string_view> words) {
  size_t most = 0;
  for (size_t count = 1; count <= words.size(); ++count) {
    const std::string group = joined_words(words, count) + " ";
    const auto begins = [&](const Command& command) { return command.name.starts_with(group); };
    if (!std::ranges::any_of(all_commands(), begins)) break;
    most = count;
  }
  return most;
}

Error unknown_command(std::span<const std::string_view> words) {
  const size_t group = group_words(words);
  const bool is_complete = group == 0 || (words.size() > group && !words[group].starts_with('-'));
  const std::string typed = joined_words(words, group + (is_complete ? 1 : 0));
  std::vector<std::string_view> names;
  for (const Command& command : all_commands()) {
    const bool belongs = group > 0 ? command.name.starts_with(joined_words(words, group) + " ")
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
      kRunCommand,
      kVerifyCommand,
      kInspectCommand,
      kPolicyCheckCommand,
      kPolicyTestCommand,
      kPolicyDiffCommand,
      kEventlogShowCommand,
      kEventlogReplayCommand,
      kCollateralFetchCommand,
      kCollateralShowCommand,
      kCollateralBundleCommand,
      kDoctorCommand,
      kQuoteCommand,
      kReportCommand,
      kRtmrShowCommand,
      kRtmrExtendCommand,
      kRtmrLogCommand,
      kPlatformManifestCommand,
      kPlatformRegisterCommand,
      kSealCommand,
      kUnsealCommand,
      kDeriveKeyCommand,
      // The longer names first: the first that fits is taken.
      kBrokerInitCommand,
      kBrokerStatusCommand,
      kBrokerRotateCommand,
      kBrokerCommand,
      kListenCommand,
      kConnectCommand,
      kSimInitCommand,
      kSimRootCommand,
      kSimQuoteCommand,
      kSimCollateralCommand,
      kSimPcsCommand,
      kSimTdCreateCommand,
      kSimTdListCommand,
      kSimTdShowCommand,
      kSimTdSetCommand,
      kSimTdExtendCommand,
      kSimTdRebootCommand,
      kSimTdRemoveCommand,
      kSimMountCommand,
      kSimQgsCommand,
      kHelpCommand,
      kVersionCommand,
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
