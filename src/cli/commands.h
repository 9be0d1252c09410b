// The commands. Each stands in the file of its name.

#ifndef QUOIN_SRC_CLI_COMMANDS_H_
#define QUOIN_SRC_CLI_COMMANDS_H_

#include <span>

#include "src/cli/command.h"

namespace quoin::cli {

// NOLINTBEGIN(readability-identifier-naming): constants, which extern cannot call constexpr.
extern const Command kRunCommand;
extern const Command kVerifyCommand;
extern const Command kInspectCommand;
extern const Command kPolicyCheckCommand;
extern const Command kPolicyTestCommand;
extern const Command kPolicyDiffCommand;
extern const Command kEventlogShowCommand;
extern const Command kEventlogReplayCommand;
extern const Command kCollateralFetchCommand;
extern const Command kCollateralShowCommand;
extern const Command kCollateralBundleCommand;
extern const Command kSealCommand;
extern const Command kUnsealCommand;
extern const Command kDeriveKeyCommand;
extern const Command kDoctorCommand;
extern const Command kBrokerInitCommand;
extern const Command kBrokerStatusCommand;
extern const Command kBrokerRotateCommand;
extern const Command kBrokerCommand;
extern const Command kQuoteCommand;
extern const Command kReportCommand;
extern const Command kRtmrShowCommand;
extern const Command kRtmrExtendCommand;
extern const Command kRtmrLogCommand;
extern const Command kPlatformManifestCommand;
extern const Command kPlatformRegisterCommand;
extern const Command kListenCommand;
extern const Command kConnectCommand;
extern const Command kSimInitCommand;
extern const Command kSimRootCommand;
extern const Command kSimQuoteCommand;
extern const Command kSimCollateralCommand;
extern const Command kSimPcsCommand;
extern const Command kSimTdCreateCommand;
extern const Command kSimTdListCommand;
extern const Command kSimTdShowCommand;
extern const Command kSimTdSetCommand;
extern const Command kSimTdExtendCommand;
extern const Command kSimTdRebootCommand;
extern const Command kSimTdRemoveCommand;
extern const Command kSimMountCommand;
extern const Command kSimQgsCommand;
extern const Command kHelpCommand;
extern const Command kVersionCommand;
// NOLINTEND(readability-identifier-naming)

// All of them, in the order in which they are listed.
std::span<const Command> all_commands();

// The whole command line, without the program's name, to an exit status.
int run_command_line(std::span<const std::string_view> words, Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_COMMANDS_H_
