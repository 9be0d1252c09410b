// What a genuine verdict says. What refuses is in faults_test.cc, dates_test.cc and
// encodings_test.cc.

#include "quoin/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "src/crypto/sha2.h"
#include "src/simulator/signing_key.h"
#include "src/verify/evidence_testing.h"
#include "src/verify/rules.h"

namespace quoin {
namespace {

using simulator::Platform;

TEST(VerifyQuote, UpToDateQuotesOfEveryKindAreGenuine) {
  struct Row {
    uint16_t version;
    BodyType body_type;
  };
  constexpr Row kRows[] = {
      {3, BodyType::sgx_enclave_report}, {4, BodyType::sgx_enclave_report},
      {5, BodyType::sgx_enclave_report}, {4, BodyType::td_report_10},
      {5, BodyType::td_report_10},       {5, BodyType::td_report_15},
      {5, BodyType::td_report_15_ex},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::to_string(row.version) + ", body " +
                 std::to_string(static_cast<uint16_t>(row.body_type)));
    Evidence evidence;
    evidence.version = row.version;
    evidence.body_type = row.body_type;
    const Verdict verdict = verify(evidence);
    EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
    EXPECT_TRUE(verdict.simulated);
    EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    EXPECT_EQ(reason_of(verdict), "");
    EXPECT_TRUE(verdict.platform);
  }
}

TEST(VerifyQuote, ChecksOfAGenuineQuoteAreEveryRuleInOrder) {
  const Verdict verdict = verify({});
  std::vector<std::string_view> seen;
  for (const Check& check : verdict.checks) seen.push_back(check.id);
  std::set<std::string_view> wanted;
  for (const Rule& rule : rules::kAll) wanted.insert(rule.id);
  EXPECT_EQ(std::set(seen.begin(), seen.end()), wanted);
  EXPECT_EQ(seen.size(), wanted.size()) << "a rule was looked at twice";
}

TEST(VerifyQuote, ChainsMayStandInAnyOrder) {
  Evidence evidence;
  auto& chain = evidence.settings.pck_chain;
  std::ranges::sort(chain);
  do {
    std::ranges::reverse(evidence.settings.tcb_info_issuer_chain);
    const Verdict verdict = verify(evidence);
    EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
  } while (std::ranges::next_permutation(chain).found);
}

// Intel's library does not look at the last 32 bytes of the QE's report data.
TEST(VerifyQuote, QeReportDataBehindTheDigestMayBeAnything) {
  Evidence evidence;
  evidence.change_quote = [](simulator::QuoteParts& parts) {
    const auto key = simulator::SigningKey::derive(evidence_seed(), parts.attestation_key);
    parts.qe_report.report_data.fill(0xa5);
    std::ranges::copy(sha256({key.public_key(), parts.qe_authentication_data}),
                      parts.qe_report.report_data.begin());
    parts.bind_attestation_key = false;
  };
  const Verdict verdict = verify(evidence);
  EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
}

TEST(VerifyQuote, SimulatorIsNotTrustedUnasked) {
  Evidence evidence;
  evidence.trust = Trust::nobody;
  const Verdict verdict = verify(evidence);
  EXPECT_FALSE(verdict.genuine);
  EXPECT_FALSE(verdict.simulated);
  EXPECT_EQ(reason_of(verdict), "pck_chain_root");
  EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date) << "given also when something refuses";
}

TEST(VerifyQuote, NoTrustRootsTrustNothing) {
  const Platform platform(evidence_seed(), kNow - kDay);
  const Bytes report = platform.td_report(simulator::default_td_state(), {});
  const Bytes quote_bytes = platform.quote(report).value();
  const auto quote = parse_quote(quote_bytes);
  const auto collateral = Collateral::parse(platform.collateral_bundle());
  const Verdict verdict = verify_quote(*quote, *collateral, kNow, {});
  EXPECT_FALSE(verdict.genuine);
  EXPECT_EQ(reason_of(verdict), "pck_chain_root");
}

}  // namespace
}  // namespace quoin
