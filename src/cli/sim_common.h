// What the commands of `quoin sim` have in common.

#ifndef QUOIN_SRC_CLI_SIM_COMMON_H_
#define QUOIN_SRC_CLI_SIM_COMMON_H_

#include <array>
#include <string_view>

#include "quoin/result.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/cli/exit_status.h"
#include "src/cli/output.h"

namespace quoin::cli {

inline constexpr std::array kSimExits = {
    ExitMeaning{kExitOk, "done"},
    ExitMeaning{kExitRefused, "there is no simulator, or it refuses: this is a real TD, say"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file of it cannot be used"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

inline constexpr Option kTdOption = {"--td", "NAME", "the simulated TD; \"default\" if not given"};

// Prints the error, if it is one. Returns the exit status.
int finish_sim(const Result<void>& result, Output& output);

// Fails with a usage error for any positional argument.
Result<void> check_no_positional(const Arguments& arguments);

// What --td says.
std::string_view td_name(const Arguments& arguments);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SIM_COMMON_H_
