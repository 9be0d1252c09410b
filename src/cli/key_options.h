// What `quoin seal`, `quoin unseal` and `quoin derive-key` have in common: whose key, under which
// policy.

#ifndef QUOIN_SRC_CLI_KEY_OPTIONS_H_
#define QUOIN_SRC_CLI_KEY_OPTIONS_H_

#include <memory>
#include <string>
#include <string_view>

#include "quoin/result.h"
#include "quoin/seal.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/cli/files.h"
#include "src/cli/output.h"

namespace quoin::cli {

inline constexpr Option kSimulateOption = {
    "--simulate", "", "take the keys of a simulated TD, which protect nothing"};
inline constexpr Option kPolicyIdOption = {"--policy-id", "ID",
                                           "the policy whose root is asked for (default)"};
inline constexpr Option kModuleOption = {"--module", "FILE|SHA256",
                                         "for this WebAssembly module, by its file or its digest"};

// Whose key is wanted.
struct KeyRequest {
  std::string policy_id;
  KeyContext context;
};

// The label of what is sealed without one.
inline constexpr std::string_view kDefaultLabel = "data";

// Reads --policy-id, --module and --label; a label that is not given is kDefaultLabel. Fails with
// invalid_argument, and when the module's file cannot be read.
Result<KeyRequest> read_key_request(const Arguments& arguments);

// Where roots come from, or null: why was told, and the command ends with kExitRefused. Says
// SIMULATED where somebody watches.
std::unique_ptr<RootSecretProvider> key_source(const Arguments& arguments, Output& output);

// Begins to write the file of --out, which will have mode 0600. Fails with invalid_argument,
// permission or io.
Result<PendingFile> begin_private_file(std::string_view path);

// What a command ends with that failed so: kExitRefused where a key is not given or data does not
// open.
int exit_status_of_key_error(ErrorCode code);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_KEY_OPTIONS_H_
