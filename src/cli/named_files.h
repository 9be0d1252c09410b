// Files that the command line names, and what is in them.

#ifndef QUOIN_SRC_CLI_NAMED_FILES_H_
#define QUOIN_SRC_CLI_NAMED_FILES_H_

#include <string>
#include <string_view>
#include <vector>

#include "quoin/collateral.h"
#include "quoin/eventlog.h"
#include "quoin/policy.h"
#include "quoin/verify.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/cli/files.h"

namespace quoin::cli {

// The contents of a file. One that is not there is a mistake of the command line, so it fails with
// invalid_argument: not_found means collateral. Else as Inputs::read() does.
Result<Bytes> read_named(Inputs& inputs, std::string_view path, size_t max_bytes = kMaxInputBytes);
// The same for a secret, as Inputs::read_secret() does.
Result<SecretBytes> read_named_secret(Inputs& inputs, std::string_view path, size_t max_bytes);

// The options that read_trust_roots() reads.
inline constexpr Option kTrustRootOption = {
    "--trust-root", "FILE", "trust this root (PEM or DER) instead of Intel's", true};
inline constexpr Option kTrustSimulatorOption = {
    "--trust-simulator", "", "trust the root of this machine's simulator as well"};

// Says which file it was that a parser could not read.
Error in_file(std::string_view path, Error error);

// `path` as seen from `directory`; as it is when it is absolute.
std::string path_in(std::string_view directory, std::string_view path);
// The directory that a file is in: "." where the path has none.
std::string_view directory_of(std::string_view path);

// A policy, and the lists of platforms that it names, from the policy's own directory. Fails with
// invalid_argument, permission or io when a file cannot be read, and as parse_policy() does.
Result<Policy> read_policy_file(Inputs& inputs, std::string_view path);

// The event log of a TD. Fails likewise, and as RuntimeEventLog::parse() does.
Result<RuntimeEventLog> read_event_log_file(Inputs& inputs, std::string_view path);

// A bundle of collateral. Fails likewise, and as Collateral::parse() does.
Result<Collateral> read_collateral_file(Inputs& inputs, std::string_view path);

// The roots of --trust-root and --trust-simulator; Intel's where none is named.
Result<std::vector<TrustRoot>> read_trust_roots(const Arguments& arguments, Inputs& inputs);

// What a command ends with that failed so.
int exit_status_of(ErrorCode code);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_NAMED_FILES_H_
