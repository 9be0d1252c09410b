// Evidence under the simulator's root, to be wrong in whatever way a test wants. What the tests of
// this room share.

#ifndef QUOIN_SRC_VERIFY_EVIDENCE_TESTING_H_
#define QUOIN_SRC_VERIFY_EVIDENCE_TESTING_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/verify.h"
#include "src/simulator/platform.h"

namespace quoin {

inline constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};
inline constexpr auto kDay = std::chrono::days(1);
inline constexpr auto kSecond = std::chrono::seconds(1);

// The seed of every platform in these tests.
simulator::Seed evidence_seed();

// Which roots the verifier trusts besides Intel's.
enum class Trust : uint8_t {
  nobody,
  // The root of the platform as it would be without the test's change.
  honest_root,
  // Whatever root the platform has.
  own_root,
};

// What goes into a verification. As it stands, it is genuine and UpToDate.
struct Evidence {
  simulator::PlatformSettings settings = simulator::default_settings(evidence_seed(), kNow - kDay);
  // Applied to the quote and the bundle before they are written.
  std::function<void(simulator::QuoteParts&)> change_quote = [](simulator::QuoteParts&) {};
  std::function<void(simulator::BundleParts&)> change_bundle = [](simulator::BundleParts&) {};
  // The TD, of whose report as much is used as fits `body_type`. TEE_TCB_SVNs are taken from the
  // settings.
  TdReport15Ex td_report = [] {
    TdReport15Ex report;
    report.td_attributes = {0, 0, 0, 0x10, 0, 0, 0, 0};
    return report;
  }();
  uint16_t version = 4;
  BodyType body_type = BodyType::td_report_10;
  UtcTime now = kNow;
  Trust trust = Trust::honest_root;
};

// The parts of `evidence` as bytes.
Bytes quote_of(const Evidence& evidence);
simulator::BundleParts bundle_of(const Evidence& evidence);
std::vector<TrustRoot> trust_roots_of(const Evidence& evidence);

// The verdict on `evidence` by verify_quote(). Quote and bundle must parse, and a Verifier must say
// the same: else the test fails.
Verdict verify(const Evidence& evidence);

// Whether a Verifier's verdict says what verify_quote()'s does; else the test fails.
void expect_same(const Verdict& seen, const Verdict& wanted);

// The id of the first check that did not pass; empty when all did.
std::string reason_of(const Verdict& verdict);

// The ids of all checks that did not pass, in order.
std::vector<std::string_view> refusals_of(const Verdict& verdict);

// The error with which the quote, or the bundle, is not parsed; nullopt where it is.
std::optional<ErrorCode> quote_error_of(const Evidence& evidence);
std::optional<ErrorCode> bundle_error_of(const Evidence& evidence);

// One of the bundle's chains, as a platform of those settings has it. In the simulator the chains
// of TCB info and QE identity are the same: so a test gives one of them another.
std::function<void(simulator::BundleParts&)> with_tcb_info_chain_of(
    const simulator::PlatformSettings& settings);
std::function<void(simulator::BundleParts&)> with_qe_identity_chain_of(
    const simulator::PlatformSettings& settings);
std::function<void(simulator::BundleParts&)> with_pck_crl_chain_of(
    const simulator::PlatformSettings& settings);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_EVIDENCE_TESTING_H_
