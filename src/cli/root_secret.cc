#include "src/cli/root_secret.h"

#include <array>
#include <string>
#include <utility>

#include "quoin/broker.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/broker_pin.h"
#include "src/cli/channel_setup.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_td.h"
#include "src/cli/system.h"
#include "src/cli/td_command.h"
#include "src/td/detect.h"

namespace quoin::cli {
namespace {

// The options that say something of a broker, and nothing without one.
constexpr std::array<std::string_view, 6> kOfBroker = {
    "--broker-spki", "--broker-policy", "--minimum-epoch", "--td", "--td-root", "--timeout"};

Result<ByteArray<32>> read_spki(std::string_view text, Inputs& inputs) {
  constexpr size_t kMaxBytes = 256;
  ByteArray<32> digest{};
  if (from_hex(text, digest).ok()) return digest;
  const Bytes file = TRY(read_named(inputs, text, kMaxBytes));
  std::string_view line = as_text(file);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (from_hex(line, digest).ok()) return digest;
  return usage_error("--broker-spki " + std::string(text) + ": not understood",
                     "wanted 64 hex digits, or a file with them: quoin broker init prints them; or "
                     "mr_config_id");
}

// By the TD that asks, which is there.
Result<ByteArray<32>> own_pin(const Arguments& arguments) {
  const bool simulated = arguments.has("--simulate");
  const std::unique_ptr<td::Td> td =
      TRY(simulated ? open_simulated_td(td_name(arguments)) : open_linux_td(arguments));
  return broker_pin(*td);
}

// Asks a broker, and keeps what the connection needs.
class BrokerRoots final : public RootSecretProvider {
 public:
  BrokerRoots(ChannelSetup setup, std::unique_ptr<RootSecretProvider> broker)
      : setup_(std::move(setup)), broker_(std::move(broker)) {}

  Result<RootSecret> root_secret(const RootRequest& request) override {
    return broker_->root_secret(request);
  }

 private:
  ChannelSetup setup_;  // with the verifier
  std::unique_ptr<RootSecretProvider> broker_;
};

Result<std::unique_ptr<RootSecretProvider>> broker_roots(const Arguments& arguments,
                                                         std::string_view address, Output& output) {
  const auto spki = arguments.get("--broker-spki");
  const auto policy = arguments.get("--broker-policy");
  if (!spki && !policy) {
    return usage_error("--broker without --broker-spki or --broker-policy",
                       "whoever answered could choose this TD's keys: say which broker it is");
  }
  BrokerOptions options;
  options.address = address;
  // Standard input is what is sealed, so no file can be "-".
  Inputs inputs(-1);
  if (spki && *spki != kPinInMrConfigId) options.key_sha256 = TRY(read_spki(*spki, inputs));
  if (const auto epoch = arguments.get("--minimum-epoch")) {
    options.minimum_epoch = TRY(parse_number("--minimum-epoch", *epoch, 1, UINT64_MAX));
  }
  ChannelSetup setup = TRY(read_channel_setup(
      arguments, {.wants_evidence = policy.has_value(), .policy_path = policy, .attests = true},
      inputs, output));
  if (spki == kPinInMrConfigId) options.key_sha256 = TRY(own_pin(arguments));
  options.evidence = setup.options.peer_evidence;
  options.attester = setup.options.attester;
  options.timeout = setup.options.handshake_timeout;
  options.clock = [] { return now(); };
  std::unique_ptr<RootSecretProvider> broker = TRY(broker_root_secrets(std::move(options)));
  return std::unique_ptr<RootSecretProvider>(
      std::make_unique<BrokerRoots>(std::move(setup), std::move(broker)));
}

}  // namespace

Result<std::unique_ptr<RootSecretProvider>> root_secrets(const Arguments& arguments,
                                                         Output& output) {
  if (const auto address = arguments.get("--broker")) {
    return broker_roots(arguments, *address, output);
  }
  for (const std::string_view option : kOfBroker) {
    if (arguments.has(option)) {
      return usage_error(std::string(option) + " without --broker", "--broker HOST:PORT names it");
    }
  }
  if (arguments.has("--simulate")) return simulated_root_secrets();
  if (td::detect().any()) {
    return no_key_source(
        "no key broker is named, and the kernel offers no sealing key",
        "--broker HOST:PORT names one; a key from what anybody can compute would protect nothing, "
        "so none is made");
  }
  return no_key_source("this machine is not a TDX trust domain",
                       "--simulate takes this user's simulator, which protects nothing");
}

}  // namespace quoin::cli
