// What `quoin listen` and `quoin connect` want of the peer and show it, from their options.

#ifndef QUOIN_SRC_CLI_CHANNEL_SETUP_H_
#define QUOIN_SRC_CLI_CHANNEL_SETUP_H_

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "quoin/channel.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/cli/fetch.h"
#include "src/cli/files.h"
#include "src/cli/named_files.h"
#include "src/cli/output.h"
#include "src/cli/security_log.h"
#include "src/cli/td_command.h"

namespace quoin::cli {

// The options that both have; "the peer" is a listener's client.
inline constexpr std::array kChannelOptions = {
    Option{"--collateral", "FILE", "verify the peer with this collateral (a JSON bundle)"},
    kOfflineOption,
    kPccsOption,
    kPccsCaOption,
    kUpdateOption,
    kNoCacheOption,
    kQcnlConfigOption,
    kTrustRootOption,
    kTrustSimulatorOption,
    Option{"--peer-key", "HEX", "the peer must have the key with this SHA-256"},
    kTdRootOption,
    kViaOption,
    kQgsOption,
    kLogOption,
    Option{"--simulate", "", "give evidence of a simulated TD"},
    Option{"--td", "NAME", "the simulated TD that is meant: quoin sim td list (default)"},
    Option{"--key", "FILE", "show this key (P-256, PEM) instead of a fresh one"},
    Option{"--timeout", "S", "give the handshake that many seconds (30)"},
    kSecurityLogOption,
    Option{"--json", "", "say who the peer is as a line of JSON"},
};

// A command's own options, and then those.
template <size_t Size>
constexpr auto with_channel_options(const std::array<Option, Size>& own) {
  std::array<Option, Size + kChannelOptions.size()> options;
  std::ranges::copy(kChannelOptions, std::ranges::copy(own, options.begin()).out);
  return options;
}

// The exit statuses that both have.
inline constexpr std::array kChannelExits = {
    ExitMeaning{kExitOk, "both sides said all that they had to say"},
    ExitMeaning{kExitRefused, "the peer is refused, refuses us, or the connection failed"},
    ExitMeaning{kExitUsage,
                "the command line is wrong, a file that it names cannot be read, or this is no TD"},
    ExitMeaning{kExitMalformed, "collateral, policy or key is malformed"},
    ExitMeaning{kExitCollateralMissing, "there is no collateral to verify with"},
    ExitMeaning{kExitBug, "a bug of ours"},
};

// What a command asks of its options.
struct ChannelWishes {
  // Whether the peer is asked for evidence, and what that must be.
  bool wants_evidence = false;
  std::optional<std::string_view> policy_path;
  // Policy::stale_collateral_on_error, where there is no policy here that says so.
  bool stale_collateral_on_error = false;
  // Trusted besides those of the options and of that policy.
  std::vector<TrustRoot> trust_roots = {};
  // Whether this side gives evidence of the TD that it runs in, if it is asked. With --simulate it
  // gives that of a simulated one, whatever this says.
  bool attests = false;
  // Where there is no --timeout.
  std::chrono::milliseconds handshake_timeout = ChannelOptions().handshake_timeout;
};

// The options, and the verifier that they point to.
struct ChannelSetup {
  std::unique_ptr<Verifier> verifier;
  ChannelOptions options;
};

// Reads the options above; --simulate makes a simulator when there is none. The collateral source
// prints notices, from whichever thread calls it, so `output` must outlive what is returned. Fails
// as those who read these files do, and with invalid_argument where this is no TD and evidence of
// one is to be given.
Result<ChannelSetup> read_channel_setup(const Arguments& arguments, const ChannelWishes& wishes,
                                        Inputs& inputs, Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_CHANNEL_SETUP_H_
