// What the command's exit statuses mean. docs/cli.md says which command can end with which.

#ifndef QUOIN_SRC_CLI_EXIT_STATUS_H_
#define QUOIN_SRC_CLI_EXIT_STATUS_H_

namespace quoin::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitRefused = 1;            // verify: not accepted; others: did not work
inline constexpr int kExitUsage = 2;              // the command line, or a file that it names
inline constexpr int kExitMalformed = 3;          // evidence, collateral or policy cannot be read
inline constexpr int kExitCollateralMissing = 4;  // nothing to verify with
inline constexpr int kExitUnpinned = 5;           // genuine, and no policy pins what ran
inline constexpr int kExitFetchFailed = 6;        // collateral could not be fetched
inline constexpr int kExitBug = 70;               // EX_SOFTWARE of sysexits.h
inline constexpr int kExitOutput = 74;            // EX_IOERR: standard output failed
inline constexpr int kExitRunTimedOut = 124;      // as timeout(1)
inline constexpr int kExitRunFailed = 125;        // Quoin failed, not the module
inline constexpr int kExitRunRefused = 126;       // the module was refused, or trapped
inline constexpr int kExitRunOutputClosed = 141;  // as a shell says of SIGPIPE

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_EXIT_STATUS_H_
