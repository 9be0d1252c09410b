// Where this machine's root secrets come from: what seals, and derives keys, asks here.

#ifndef QUOIN_SRC_CLI_ROOT_SECRET_H_
#define QUOIN_SRC_CLI_ROOT_SECRET_H_

#include <memory>

#include "quoin/result.h"
#include "quoin/seal.h"
#include "src/cli/arguments.h"

namespace quoin::cli {

// With --simulate this user's simulator, which is made when it is not there yet. Without, what this
// machine has: so far nothing. Fails with unsupported (NO_KEY_SOURCE, with a hint), and as
// simulated_root_secrets() does.
Result<std::unique_ptr<RootSecretProvider>> root_secrets(const Arguments& arguments);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_ROOT_SECRET_H_
