// What the commands that ask the TD have in common.

#ifndef QUOIN_SRC_CLI_TD_COMMAND_H_
#define QUOIN_SRC_CLI_TD_COMMAND_H_

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/cli/output.h"
#include "src/td/linux_paths.h"
#include "src/td/linux_td.h"
#include "src/td/td.h"

namespace quoin::cli {

inline constexpr Option kTdRootOption = {
    "--td-root", "DIR", "find the kernel's files (dev, sys, proc, etc) below DIR instead of /"};
inline constexpr Option kSimulateOption = {"--simulate", "",
                                           "ask a simulated TD: proves nothing to others"};
inline constexpr Option kDataOption = {
    "--data", "FILE|-", "the data that the report data stand for: SHA-512 over type and data"};
inline constexpr Option kInsecureReportDataOption = {
    "--insecure-report-data", "HEX",
    "take these 64 bytes as they are: they can claim to be anything, a receipt too"};
inline constexpr Option kOutOption = {"--out", "FILE", "write the file instead of standard output"};
inline constexpr Option kJsonOption = {"--json", "", "print JSON"};
inline constexpr Option kQgsOption = {
    "--qgs", "ADDRESS",
    "the quote generation service: vsock:CID:PORT, tcp:ADDRESS:PORT or unix:PATH"};
inline constexpr Option kViaOption = {
    "--via", "tsm|qgs", "get the quote this way only; given twice, in this order", true};
inline constexpr Option kTimeoutOption = {"--timeout", "S", "give up after that many seconds (90)"};
inline constexpr Option kLogOption = {
    "--log", "DIR", "where the log of events is; /run/quoin/runtime-log if not given"};

inline constexpr std::array kTdExits = {
    ExitMeaning{kExitOk, "done"},
    ExitMeaning{kExitRefused, "this is no TD, it did not do it, or a file could not be read"},
    ExitMeaning{kExitUsage, "the command line is wrong"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// The kernel's files, of this machine or of --td-root's tree.
td::LinuxPaths linux_paths(const Arguments& arguments);

// Whether the options that name a TD go together: --simulate, --td, --td-root, --qgs, --via. Fails
// with invalid_argument.
Result<void> check_td_options(const Arguments& arguments);

// The kernel's TD as --td-root, --via and --qgs say, which must be there, and whose quotes must
// come within that time. Fails with invalid_argument, also where there is none: who asks for one is
// mistaken about the machine; and with unsupported for --qgs over HTTP.
Result<std::unique_ptr<td::Td>> open_linux_td(
    const Arguments& arguments,
    std::chrono::milliseconds quote_timeout = td::LinuxTdOptions().quote_timeout);

// The kernel's TD, of this machine or of --td-root's tree, which gets its quotes as --via and --qgs
// say; or with --simulate the simulated one of --td, which is made when it is not there, and said
// to be one on standard error. Fails with invalid_argument for options that are no values or do not
// go together, with unsupported for --qgs over HTTP, and as open_simulated_td() does.
Result<std::unique_ptr<td::Td>> open_td(const Arguments& arguments, Output& output);

// The 64 bytes that --data or --insecure-report-data ask for; nothing when there is neither. Fails
// with invalid_argument when there are both, and as reading the file does.
Result<std::optional<ByteArray<64>>> read_report_data(const Arguments& arguments);

// --log, or else where that TD's log is. Fails as simulated_td_log_directory() does.
Result<std::string> runtime_log_directory(const Arguments& arguments);

// Into --out, or to standard output.
Result<void> emit(const Arguments& arguments, ByteView bytes, Output& output);

// The exit status; says what failed.
int finish(const Result<void>& result, Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_TD_COMMAND_H_
