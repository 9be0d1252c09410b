// What `quoin listen` and `quoin connect` want of the peer and show it, from their options.

#ifndef QUOIN_SRC_CLI_CHANNEL_SETUP_H_
#define QUOIN_SRC_CLI_CHANNEL_SETUP_H_

#include <memory>
#include <optional>

#include "quoin/channel.h"
#include "src/cli/arguments.h"
#include "src/cli/files.h"
#include "src/cli/output.h"

namespace quoin::cli {

// The options, and the verifier that they point to.
struct ChannelSetup {
  std::unique_ptr<Verifier> verifier;
  ChannelOptions options;
};

// Reads --peer-key, --key, --timeout, --td, and --simulate, which makes a simulator when there is
// none. Where evidence is wanted: --trust-root, --trust-simulator, --collateral and the policy of
// that file, if there is one. Fails as those who read these files do.
Result<ChannelSetup> read_channel_setup(const Arguments& arguments, bool wants_evidence,
                                        std::optional<std::string_view> policy_path, Inputs& inputs,
                                        Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_CHANNEL_SETUP_H_
