#include "src/cli/channel_setup.h"
#include "src/channel/td_evidence.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/evidence.h"
#include "src/cli/fetch.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_td.h"
#include "src/cli/system.h"
#include "src/pcs/serves.h"

namespace quoin::cli {
namespace {

constexpr uint64_t kMaxTimeoutSeconds = 3600;

Result<PreparedCollateral> prepare(ByteView bundle) {
  return PreparedCollateral(TRY(Collateral::parse(bundle)));
}

// What the service that the command line or this machine's configuration names has for the peer's
// platform: what the quote says of that is the peer's claim until it has been verified, and a
// service is asked for nothing else.
Result<PreparedCollateral> fetch(FetchPlan plan, const Quote& quote, Verifier& verifier,
                                 Output& output) {
  plan.rules.serves = pcs::serves(verifier, quote, now());
  const pcs::CollateralRequest request = TRY(plan_request(plan, quote));
  const pcs::FetchedCollateral fetched = TRY(fetch_collateral(plan, request, output));
  return prepare(fetched.bundle);
}

// From --collateral, else of this machine's simulator where it is trusted and signed the quote,
// else fetched. The verifier, under which it is to serve, is borrowed by what is returned.
Result<CollateralSource> read_collateral_source(const Arguments& arguments, bool stale_on_error,
                                                Verifier& verifier, Inputs& inputs,
                                                Output& output) {
  if (const auto path = arguments.get("--collateral")) {
    const PreparedCollateral collateral(TRY(read_collateral_file(inputs, *path)));
    return CollateralSource(
        [collateral](const Quote&) -> Result<PreparedCollateral> { return collateral; });
  }
  std::optional<FetchPlan> plan;
  if (!arguments.has("--offline")) {
    plan = TRY(plan_fetch(arguments, inputs, output));
    plan->rules.stale_on_error = stale_on_error;
  }
  const bool asks_simulator = arguments.has("--trust-simulator") && !arguments.has("--pccs");
  // The simulator's is issued before the time at which it is judged, which is the connection's.
  return CollateralSource([plan, asks_simulator, issued = now(), &verifier,
                           &output](const Quote& quote) -> Result<PreparedCollateral> {
    if (asks_simulator && names_simulator(quote)) {
      return prepare(TRY(simulator_collateral(issued)));
    }
    if (!plan) return no_collateral();
    return fetch(*plan, quote, verifier, output);
  });
}

Attester attester_of(std::shared_ptr<td::Td> td, std::string log_directory) {
  return [td = std::move(td),
          log_directory = std::move(log_directory)](const ByteArray<64>& report_data) {
    return channel::td_evidence(*td, log_directory, report_data, Deadline::max());
  };
}

Result<std::shared_ptr<td::Td>> open_simulated(const Arguments& arguments, Output& output) {
  const SimulatorState state = TRY(prepare_simulator());
  if (state.created) output.notice("made a simulator in " + state.directory);
  return std::shared_ptr<td::Td>(TRY(open_simulated_td(td_name(arguments))));
}

Result<void> want_evidence(const Arguments& arguments, const ChannelWishes& wishes, Inputs& inputs,
                           Output& output, ChannelSetup& setup) {
  WantedEvidence wanted;
  wanted.policy.stale_collateral_on_error = wishes.stale_collateral_on_error;
  if (wishes.policy_path) wanted.policy = TRY(read_policy_file(inputs, *wishes.policy_path));
  std::vector<TrustRoot> roots = TRY(read_trust_roots(arguments, inputs));
  std::ranges::copy(wanted.policy.trust_roots, std::back_inserter(roots));
  std::ranges::copy(wishes.trust_roots, std::back_inserter(roots));
  setup.verifier = std::make_unique<Verifier>(std::move(roots));
  wanted.verifier = setup.verifier.get();
  wanted.collateral = TRY(read_collateral_source(arguments, wanted.policy.stale_collateral_on_error,
                                                 *setup.verifier, inputs, output));
  setup.options.peer_evidence = std::move(wanted);
  return {};
}

Result<ByteArray<32>> parse_key_digest(std::string_view hex) {
  ByteArray<32> digest{};
  if (from_hex(hex, digest).ok()) return digest;
  return usage_error("--peer-key " + std::string(hex) + ": not understood",
                     "wanted the SHA-256 of its SubjectPublicKeyInfo: 64 hex digits");
}

Result<ChannelKey> read_key(std::string_view path, Inputs& inputs) {
  constexpr size_t kMaxKeyBytes = size_t{64} << 10;
  const SecretBytes file = TRY(read_named_secret(inputs, path, kMaxKeyBytes));
  Result<ChannelKey> key = ChannelKey::parse(file.view());
  if (!key.ok()) return in_file(path, key.error());
  return key;
}

}  // namespace

Result<ChannelSetup> read_channel_setup(const Arguments& arguments, const ChannelWishes& wishes,
                                        Inputs& inputs, Output& output) {
  TRY(check_td_options(arguments));
  ChannelSetup setup;
  setup.options.handshake_timeout = wishes.handshake_timeout;
  if (const auto seconds = arguments.get("--timeout")) {
    setup.options.handshake_timeout =
        std::chrono::seconds(TRY(parse_number("--timeout", *seconds, 1, kMaxTimeoutSeconds)));
  }
  if (const auto hex = arguments.get("--peer-key")) {
    setup.options.peer_key_sha256 = TRY(parse_key_digest(*hex));
  }
  if (const auto path = arguments.get("--key")) setup.options.key = TRY(read_key(*path, inputs));
  // Before the simulator's root is read below.
  if (arguments.has("--simulate")) {
    std::shared_ptr<td::Td> td = TRY(open_simulated(arguments, output));
    setup.options.attester = attester_of(std::move(td), TRY(runtime_log_directory(arguments)));
  } else if (wishes.attests) {
    // A quote that comes later than the handshake's end is none.
    std::shared_ptr<td::Td> td = TRY(open_linux_td(arguments, setup.options.handshake_timeout));
    setup.options.attester = attester_of(std::move(td), TRY(runtime_log_directory(arguments)));
  }
  if (wishes.wants_evidence) {
    TRY(want_evidence(arguments, wishes, inputs, output, setup));
  }
  return setup;
}

}  // namespace quoin::cli
