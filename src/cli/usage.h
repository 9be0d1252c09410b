// A command's table, in words: for a terminal, for docs/cli.md, for man.

#ifndef QUOIN_SRC_CLI_USAGE_H_
#define QUOIN_SRC_CLI_USAGE_H_

#include <span>
#include <string>

#include "src/cli/command.h"

namespace quoin::cli {

// "quoin verify [options] FILE|-".
std::string synopsis(const Command& command);

// `quoin COMMAND --help`: examples first.
std::string help_text(const Command& command);

// `quoin --help`: the commands and what they do.
std::string help_text(std::span<const Command> commands);

// docs/cli.md: every command.
std::string markdown(std::span<const Command> commands);

// docs/man/quoin-COMMAND.1, in mdoc(7), and docs/man/quoin.1.
std::string man_page(const Command& command);
std::string man_page(std::span<const Command> commands);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_USAGE_H_
