#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/system.h"
#include "src/cli/usage.h"
#include "src/cli/value.h"
#include "src/policy/rules.h"
#include "src/receipt/rules.h"
#include "src/verify/rules.h"

namespace quoin::cli {
namespace {

constexpr std::array kHelpExamples = {
    Example{"what there is", "quoin help"},
    Example{"one command's options", "quoin help verify"},
};
// What tools/generate-docs uses.
constexpr std::array kHelpOptions = {
    Option{"--markdown", "", "print docs/cli.md"},
    Option{"--man", "", "print the man page of the command, or of quoin itself"},
    Option{"--names", "", "print the commands' names, one a line"},
    Option{"--checks", "", "print every check, what it asks for and why, as JSON"},
};
constexpr std::array kHelpExits = {
    ExitMeaning{kExitOk, "printed"},
    ExitMeaning{kExitUsage, "no such command"},
};
constexpr std::array kVersionExamples = {
    Example{"the version", "quoin version"},
    Example{"the version, for a program", "quoin version --json"},
};
constexpr std::array kVersionOptions = {Option{"--json", "", "print JSON"}};
constexpr std::array kVersionExits = {ExitMeaning{kExitOk, "printed"}};

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += " ";
    text += word;
  }
  return text;
}

Value describe_rules(std::span<const Rule> rules) {
  Value::List list;
  for (const Rule& rule : rules) {
    list.emplace_back(Value::Object{
        {"id", rule.id},
        {"requirement", rule.requirement},
        {"rule", rule.source},
        {"advice", rule.advice},
    });
  }
  return list;
}

int run_help(const Arguments& arguments, Output& output) {
  const std::span<const Command> commands = all_commands();
  const bool man = arguments.has("--man");
  if (arguments.has("--markdown")) {
    output.data(markdown(commands));
    return kExitOk;
  }
  if (arguments.has("--names")) {
    for (const Command& command : commands) output.data(std::string(command.name) + "\n");
    return kExitOk;
  }
  if (arguments.has("--checks")) {
    output.data(to_json(Value::Object{{"verification", describe_rules(rules::kAll)},
                                      {"policy", describe_rules(policy_rules::kAll)},
                                      {"receipt", describe_rules(receipt_rules::kAll)}}));
    return kExitOk;
  }
  const std::string name = joined(arguments.positional());
  if (name.empty()) {
    output.data(man ? man_page(commands) : help_text(commands));
    return kExitOk;
  }
  const auto command = std::ranges::find(commands, name, &Command::name);
  if (command == commands.end()) {
    output.error(
        usage_error("there is no command '" + name + "'", "quoin --help lists the commands"));
    return kExitUsage;
  }
  output.data(man ? man_page(*command) : help_text(*command));
  return kExitOk;
}

int run_version(const Arguments& arguments, Output& output) {
  if (arguments.has("--json")) {
    output.data(to_json(Value::Object{{"version", version()}}));
  } else {
    output.data("quoin " + std::string(version()) + "\n");
  }
  return kExitOk;
}

}  // namespace

constexpr Command kHelpCommand = {
    .name = "help",
    .summary = "show how a command is used",
    .positional = "[COMMAND]",
    .description = "",
    .examples = kHelpExamples,
    .options = kHelpOptions,
    .exit_statuses = kHelpExits,
    .run = run_help,
};

constexpr Command kVersionCommand = {
    .name = "version",
    .summary = "show which Quoin this is",
    .positional = "",
    .description = "",
    .examples = kVersionExamples,
    .options = kVersionOptions,
    .exit_statuses = kVersionExits,
    .run = run_version,
};

}  // namespace quoin::cli
