#include "src/verify/evidence_testing.h"

#include <gtest/gtest.h>

#include <utility>

#include "quoin/verifier.h"

namespace quoin {
namespace {

using simulator::BundleParts;
using simulator::Platform;
using simulator::PlatformSettings;

simulator::QuoteBody body_of(const Evidence& evidence) {
  TdReport15Ex report = evidence.td_report;
  report.tee_tcb_svn = evidence.settings.tee_tcb_info.tee_tcb_svn;
  report.tee_tcb_svn2 = evidence.settings.tee_tcb_info.tee_tcb_svn2;
  switch (evidence.body_type) {
    case BodyType::sgx_enclave_report:
      return EnclaveReport{};
    case BodyType::td_report_10:
      return static_cast<const TdReport10&>(report);
    case BodyType::td_report_15:
      return static_cast<const TdReport15&>(report);
    case BodyType::td_report_15_ex:
      return report;
  }
  ADD_FAILURE() << "no such body";
  return EnclaveReport{};
}

std::function<void(BundleParts&)> with_chain_of(const PlatformSettings& settings,
                                                std::string BundleParts::* member) {
  const Platform platform(evidence_seed(), settings);
  return
      [=, chain = platform.collateral().*member](BundleParts& bundle) { bundle.*member = chain; };
}

// A Verifier says what verify_quote() says: when it sees the quote for the first time, when it has
// seen it before, and when it knows the platform as it would be without the test's change.
void expect_of_verifier(const Quote& quote, const PreparedCollateral& collateral, UtcTime now,
                        const std::vector<TrustRoot>& trust_roots, const Verdict& wanted) {
  SCOPED_TRACE("by a Verifier");
  Verifier fresh(trust_roots);
  expect_same(fresh.verify(quote, collateral, now), wanted);
  expect_same(fresh.verify(quote, collateral, now), wanted);

  static const Bytes honest_bytes = quote_of({});
  static const Quote honest_quote = parse_quote(honest_bytes).value();
  static const PreparedCollateral honest_collateral(
      Collateral::parse(simulator::write_bundle(bundle_of({}))).value());
  Verifier knowing(trust_roots);
  static_cast<void>(knowing.verify(honest_quote, honest_collateral, kNow));
  expect_same(knowing.verify(quote, collateral, now), wanted);
}

}  // namespace

simulator::Seed evidence_seed() { return simulator::Seed(); }

Bytes quote_of(const Evidence& evidence) {
  const Platform platform(evidence_seed(), evidence.settings);
  simulator::QuoteParts parts = platform.quote_parts(body_of(evidence), evidence.version);
  evidence.change_quote(parts);
  return simulator::write_quote(evidence_seed(), parts);
}

BundleParts bundle_of(const Evidence& evidence) {
  const Platform platform(evidence_seed(), evidence.settings);
  const bool is_sgx = evidence.body_type == BodyType::sgx_enclave_report;
  BundleParts bundle = platform.collateral(is_sgx ? TeeType::sgx : TeeType::tdx);
  evidence.change_bundle(bundle);
  return bundle;
}

std::vector<TrustRoot> trust_roots_of(const Evidence& evidence) {
  std::vector<TrustRoot> roots = {TrustRoot::intel()};
  if (evidence.trust != Trust::nobody) {
    const Platform platform = evidence.trust == Trust::own_root
                                  ? Platform(evidence_seed(), evidence.settings)
                                  : Platform(evidence_seed(), kNow);
    roots.push_back(TrustRoot::parse(platform.root_certificate()).value());
  }
  return roots;
}

Verdict verify(const Evidence& evidence) {
  const Bytes quote_bytes = quote_of(evidence);
  const auto quote = parse_quote(quote_bytes);
  if (!quote.ok()) {
    ADD_FAILURE() << quote.error().what;
    return {};
  }
  auto collateral = Collateral::parse(simulator::write_bundle(bundle_of(evidence)));
  if (!collateral.ok()) {
    ADD_FAILURE() << collateral.error().what;
    return {};
  }
  const std::vector<TrustRoot> trust_roots = trust_roots_of(evidence);
  const Verdict verdict = verify_quote(*quote, *collateral, evidence.now, trust_roots);
  expect_of_verifier(*quote, PreparedCollateral(std::move(collateral).value()), evidence.now,
                     trust_roots, verdict);
  return verdict;
}

void expect_same(const Verdict& seen, const Verdict& wanted) {
  EXPECT_EQ(seen.genuine, wanted.genuine);
  EXPECT_EQ(seen.simulated, wanted.simulated);
  EXPECT_EQ(refusals_of(seen), refusals_of(wanted));
  EXPECT_EQ(seen.tcb_status, wanted.tcb_status);
  EXPECT_EQ(seen.tcb_date, wanted.tcb_date);
  EXPECT_EQ(seen.advisory_ids, wanted.advisory_ids);
  EXPECT_EQ(seen.valid_until, wanted.valid_until);
}

std::string reason_of(const Verdict& verdict) {
  return verdict.reason() == nullptr ? "" : std::string(verdict.reason()->id);
}

std::vector<std::string_view> refusals_of(const Verdict& verdict) {
  std::vector<std::string_view> ids;
  for (const Check& check : verdict.checks) {
    if (!check.passed) ids.push_back(check.id);
  }
  return ids;
}

std::optional<ErrorCode> quote_error_of(const Evidence& evidence) {
  const Bytes bytes = quote_of(evidence);
  const auto quote = parse_quote(bytes);
  if (quote.ok()) return std::nullopt;
  return quote.error().code;
}

std::optional<ErrorCode> bundle_error_of(const Evidence& evidence) {
  const auto collateral = Collateral::parse(simulator::write_bundle(bundle_of(evidence)));
  if (collateral.ok()) return std::nullopt;
  return collateral.error().code;
}

std::function<void(BundleParts&)> with_tcb_info_chain_of(const PlatformSettings& settings) {
  return with_chain_of(settings, &BundleParts::tcb_info_issuer_chain);
}

std::function<void(BundleParts&)> with_qe_identity_chain_of(const PlatformSettings& settings) {
  return with_chain_of(settings, &BundleParts::qe_identity_issuer_chain);
}

std::function<void(BundleParts&)> with_pck_crl_chain_of(const PlatformSettings& settings) {
  return with_chain_of(settings, &BundleParts::pck_crl_issuer_chain);
}

}  // namespace quoin
