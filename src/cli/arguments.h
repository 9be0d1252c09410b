// Reads a command line by a command's table. Not CLI11: the table is what the help and the man
// pages are made from as well, CLI11 throws, and its header costs more to compile than this room
// does.

#ifndef QUOIN_SRC_CLI_ARGUMENTS_H_
#define QUOIN_SRC_CLI_ARGUMENTS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/result.h"
#include "src/cli/command.h"

namespace quoin::cli {

// A command's options and arguments. Views of the texts that were read, which must outlive it.
class Arguments {
 public:
  // Reads `words`, which stand behind the command's name: "--name VALUE", "--name=VALUE", "--name"
  // for a switch, "-" as an argument. Behind "--" nothing is an option. Fails with
  // invalid_argument, with a hint, for an option that the command does not have, one that stands
  // twice and may not, a value missing or not wanted.
  static Result<Arguments> parse(const Command& command, std::span<const std::string_view> words);

  // "--help" and "-h" are every command's.
  bool wants_help() const { return wants_help_; }

  bool has(std::string_view option) const;
  std::optional<std::string_view> get(std::string_view option) const;
  std::vector<std::string_view> all(std::string_view option) const;

  std::span<const std::string_view> positional() const { return positional_; }
  // What stands behind "--" of a command that passes it on.
  std::span<const std::string_view> passed() const { return passed_; }

  // The only positional argument. Fails with invalid_argument when there is none, or another.
  Result<std::string_view> only_positional(std::string_view name) const;

 private:
  Result<void> read_option(const Command& command, std::span<const std::string_view>& words);

  bool wants_help_ = false;
  std::vector<std::pair<std::string_view, std::string_view>> options_;
  std::vector<std::string_view> positional_;
  std::vector<std::string_view> passed_;
};

// A usage error.
Error usage_error(std::string what, std::string hint);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_ARGUMENTS_H_
