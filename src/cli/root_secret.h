// Where this machine's root secrets come from: what seals, and derives keys, asks here.

#ifndef QUOIN_SRC_CLI_ROOT_SECRET_H_
#define QUOIN_SRC_CLI_ROOT_SECRET_H_

#include <memory>

#include "quoin/result.h"
#include "quoin/seal.h"
#include "src/cli/arguments.h"
#include "src/cli/output.h"

namespace quoin::cli {

// The first of the sources that the command line names: the key broker of --broker, which is asked
// by this TD or with --simulate by a simulated one; or with --simulate alone this user's simulator,
// which is made when it is not there yet. There is no third: the kernel has no call for the TDX
// module's sealing key, and when it has one, it stands here. Fails with unsupported (NO_KEY_SOURCE,
// with a hint), with invalid_argument, and as simulated_root_secrets() and read_channel_setup() do.
Result<std::unique_ptr<RootSecretProvider>> root_secrets(const Arguments& arguments,
                                                         Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_ROOT_SECRET_H_
