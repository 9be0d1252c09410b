// What a command is: one table, from which the command line is read and --help, docs/cli.md and the
// man pages are made.

#ifndef QUOIN_SRC_CLI_COMMAND_H_
#define QUOIN_SRC_CLI_COMMAND_H_

#include <span>
#include <string_view>

#include "src/cli/exit_status.h"
#include "src/cli/output.h"

namespace quoin::cli {

class Arguments;

struct Option {
  std::string_view name;      // "--receipt"
  std::string_view argument;  // "FILE"; empty for a switch
  std::string_view help;
  bool repeatable = false;
};

struct Example {
  std::string_view what;
  std::string_view command;
};

struct ExitMeaning {
  int status = 0;
  std::string_view meaning;
};

// Everything is a constant with static storage.
struct Command {
  std::string_view name;              // "verify", or "sim root"
  std::string_view summary = {};      // one line, lower case, without a full stop
  std::string_view positional = {};   // "FILE|-"; empty where there is none
  std::string_view description = {};  // paragraphs, separated by empty lines
  std::span<const Example> examples = {};
  std::span<const Option> options = {};
  std::span<const ExitMeaning> exit_statuses = {};
  // Returns the exit status.
  int (*run)(const Arguments& arguments, Output& output) = nullptr;
  // Whether everything behind "--" belongs to somebody else.
  bool passes_arguments = false;
  // What a command line that cannot be understood ends with.
  int usage_status = kExitUsage;
};

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_COMMAND_H_
