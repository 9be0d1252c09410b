// A Verifier says what verify_quote() says, however much it remembers.

#include "quoin/verifier.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "src/verify/evidence_testing.h"
#include "src/x509/chain.h"

namespace quoin {
namespace {

PreparedCollateral collateral_of(const Evidence& evidence) {
  return PreparedCollateral(
      Collateral::parse(simulator::write_bundle(bundle_of(evidence))).value());
}

// A quote that a Verifier has come to know.
class VerifierTest : public testing::Test {
 protected:
  VerifierTest() {
    EXPECT_TRUE(verify(quote_).genuine);
    EXPECT_EQ(verifier_.platform_count(), 1u);
  }

  Verdict verify(ByteView bytes) { return verify(bytes, collateral_, kNow); }

  Verdict verify(ByteView bytes, const PreparedCollateral& collateral, UtcTime now) {
    const auto quote = parse_quote(bytes);
    if (!quote.ok()) return {};
    return verifier_.verify(*quote, collateral, now);
  }

  const Evidence evidence_;
  const Bytes quote_ = quote_of(evidence_);
  const PreparedCollateral collateral_ = collateral_of(evidence_);
  Verifier verifier_{trust_roots_of(evidence_)};
};

TEST_F(VerifierTest, WhatIsAcceptedHasNoChecks) {
  const Verdict verdict = verify(quote_);
  EXPECT_TRUE(verdict.genuine);
  EXPECT_TRUE(verdict.simulated);
  EXPECT_TRUE(verdict.checks.empty());
  EXPECT_EQ(verdict.reason(), nullptr);
  EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
}

TEST_F(VerifierTest, KnownPlatformsAreHeldToTheTime) {
  const UtcTime end = *verify(quote_).valid_until;
  EXPECT_TRUE(verify(quote_, collateral_, end).genuine);
  EXPECT_FALSE(verify(quote_, collateral_, end + kSecond).genuine);
  EXPECT_EQ(reason_of(verify(quote_, collateral_, kNow - 30 * kDay)), "root_ca_crl_not_before");
}

TEST_F(VerifierTest, KnownPlatformsAreHeldToTheCollateral) {
  const auto reason_with = [&](const std::function<void(Evidence&)>& change) {
    Evidence other;
    change(other);
    return reason_of(verify(quote_, collateral_of(other), kNow));
  };
  const Bytes serial = [&] {
    const auto chain = x509::Chain::parse_pem(as_text(parse_quote(quote_)->certification_data));
    const ByteView contents = chain->certificates()[0].serial;
    return Bytes(contents.begin(), contents.end());
  }();
  EXPECT_EQ(reason_with([&](Evidence& e) {
              e.settings.pck_crl.revoked = {{.serial = serial, .date = kNow - kDay}};
            }),
            "pck_not_revoked");
  EXPECT_EQ(reason_with([](Evidence& e) { e.settings.tdx_tcb_info.fmspc[0] ^= 1; }),
            "tcb_info_fmspc");
  EXPECT_EQ(reason_with([](Evidence& e) { e.settings.pck_crl.signed_by = "somebody"; }),
            "pck_crl_signature");
  EXPECT_EQ(reason_with([](Evidence& e) { e.settings.root_ca_crl.signed_by = "somebody"; }),
            "root_ca_crl_signature");
}

TEST_F(VerifierTest, RevokedLevelsAreSeenOnKnownPlatforms) {
  Evidence other;
  for (auto& level : other.settings.tdx_tcb_info.tcb_levels) level.status = TcbStatus::revoked;
  EXPECT_EQ(verify(quote_, collateral_of(other), kNow).tcb_status, TcbStatus::revoked);
}

// The collateral's own chains may be others than the quote's: what is known of the signatures under
// those keys then says nothing.
TEST_F(VerifierTest, CollateralWithAnotherCaBesideItsCrlIsLookedAtAfresh) {
  Evidence other;
  other.settings.pck_crl_issuer_chain = {simulator::CertificateRole::processor_ca,
                                         simulator::CertificateRole::root};
  Verifier fresh(trust_roots_of(evidence_));
  EXPECT_TRUE(fresh.verify(*parse_quote(quote_), collateral_of(other), kNow).genuine);
  EXPECT_TRUE(verify(quote_, collateral_of(other), kNow).genuine);
  other.settings.pck_crl.signed_by = "somebody";
  EXPECT_EQ(reason_of(verify(quote_, collateral_of(other), kNow)), "pck_crl_signature");
}

// One bit a byte, and of the certificates, which are most of a quote, a byte now and then.
TEST_F(VerifierTest, EveryByteOfAKnownQuoteCounts) {
  const Quote known = parse_quote(quote_).value();
  const size_t end = quote_.size() - known.trailing.size();
  const size_t certificates = end - known.certification_data.size();
  Verifier without_memory(trust_roots_of(evidence_), 0);
  for (size_t i = 0; i < end; i += i < certificates ? 1 : 16) {
    Bytes flipped = quote_;
    flipped[i] ^= static_cast<uint8_t>(1u << i % 8);
    const auto quote = parse_quote(flipped);
    if (!quote.ok()) continue;
    const Verdict wanted = without_memory.verify(*quote, collateral_, kNow);
    const Verdict verdict = verify(flipped);
    EXPECT_EQ(verdict.genuine, wanted.genuine) << "byte " << i;
    EXPECT_EQ(reason_of(verdict), reason_of(wanted)) << "byte " << i;
    EXPECT_FALSE(wanted.genuine && verifier_.refuse_without_collateral(*quote, kNow)) << i;
  }
  EXPECT_TRUE(verify(quote_).genuine);
}

TEST_F(VerifierTest, OnlyGenuineQuotesAreRemembered) {
  Verifier fresh(trust_roots_of(evidence_));
  Bytes changed = quote_;
  changed[60] ^= 1;
  EXPECT_FALSE(fresh.verify(*parse_quote(changed), collateral_, kNow).genuine);
  EXPECT_EQ(fresh.platform_count(), 0u);
  Verifier nobody_trusted({TrustRoot::intel()});
  EXPECT_FALSE(nobody_trusted.verify(*parse_quote(quote_), collateral_, kNow).genuine);
  EXPECT_EQ(nobody_trusted.platform_count(), 0u);
}

// What some collateral would lift is no refusal yet; everything else is, whether or not the
// platform is known.
TEST_F(VerifierTest, RefusesWithoutCollateral) {
  struct Case {
    const char* reason;
    std::function<void(Evidence&)> change;
    UtcTime now = kNow;
  };
  const auto signed_by_another = [](Evidence& e) {
    e.change_quote = [](simulator::QuoteParts& parts) { parts.signed_by = "another"; };
  };
  const std::array cases = {
      Case{nullptr, [](Evidence&) {}},
      Case{nullptr, [](Evidence& e) { e.settings.tdx_tcb_info.fmspc[0] ^= 1; }},
      Case{"quote_signature", signed_by_another},
      Case{"qe_report_signature",
           [](Evidence& e) {
             e.change_quote = [](simulator::QuoteParts& parts) {
               parts.qe_report_signed_by = "another";
             };
           }},
      Case{"qe_report_data",
           [](Evidence& e) {
             e.change_quote = [](simulator::QuoteParts& parts) {
               parts.bind_attestation_key = false;
             };
           }},
      Case{"certification_data",
           [](Evidence& e) {
             e.change_quote = [](simulator::QuoteParts& parts) {
               parts.certification_data = {1, 2, 3};
             };
           }},
      Case{"pck_chain_not_expired", [](Evidence&) {}, kNow + 100 * 366 * kDay},
  };
  for (const Case& test : cases) {
    Evidence evidence;
    test.change(evidence);
    const Bytes bytes = quote_of(evidence);
    const Quote quote = parse_quote(bytes).value();
    Verifier fresh(trust_roots_of(evidence_));
    for (Verifier* verifier : {&verifier_, &fresh}) {
      const auto refusal = verifier->refuse_without_collateral(quote, test.now);
      ASSERT_EQ(refusal.has_value(), test.reason != nullptr);
      if (!refusal) continue;
      EXPECT_FALSE(refusal->genuine);
      EXPECT_EQ(reason_of(*refusal), test.reason);
    }
    EXPECT_EQ(fresh.platform_count(), 0u);
  }
  Verifier of_intel({TrustRoot::intel()});
  const auto refusal = of_intel.refuse_without_collateral(*parse_quote(quote_), kNow);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(reason_of(*refusal), "pck_chain_root");
}

TEST_F(VerifierTest, AQuoteWithoutReadableCertificatesIsRefused) {
  Evidence other;
  other.change_quote = [](simulator::QuoteParts& parts) { parts.certification_data = {1, 2, 3}; };
  const Bytes bytes = quote_of(other);
  const Verdict verdict = verify(bytes);
  EXPECT_FALSE(verdict.genuine);
  EXPECT_EQ(reason_of(verdict), "certification_data");
}

TEST_F(VerifierTest, RemembersAsManyAsItMay) {
  Verifier forgetful(trust_roots_of(evidence_), 0);
  EXPECT_TRUE(forgetful.verify(*parse_quote(quote_), collateral_, kNow).genuine);
  EXPECT_EQ(forgetful.platform_count(), 0u);
}

TEST_F(VerifierTest, BatchesAnswerInOrder) {
  Bytes changed = quote_;
  changed[60] ^= 1;
  const Quote good = parse_quote(quote_).value();
  const Quote bad = parse_quote(changed).value();
  std::vector<VerificationJob> jobs;
  for (size_t i = 0; i < 100; ++i) jobs.push_back({i % 3 == 0 ? &bad : &good, &collateral_});
  for (const unsigned threads : {0u, 1u, 2u, 7u}) {
    std::vector<Verdict> verdicts(jobs.size());
    verifier_.verify_batch(jobs, kNow, verdicts, threads);
    for (size_t i = 0; i < jobs.size(); ++i) {
      EXPECT_EQ(verdicts[i].genuine, i % 3 != 0) << i << " of " << threads << " threads";
    }
  }
  verifier_.verify_batch({}, kNow, {}, 4);
}

TEST_F(VerifierTest, BatchesOfTheWrongSizeAreRefused) {
  const Quote good = parse_quote(quote_).value();
  const std::vector<VerificationJob> jobs(2, VerificationJob{&good, &collateral_});
  std::vector<Verdict> verdicts(1);
  verdicts[0].genuine = true;
  verifier_.verify_batch(jobs, kNow, verdicts, 1);
  EXPECT_FALSE(verdicts[0].genuine);
}

// More platforms than are remembered, from several threads: they come and go all the time.
TEST(Verifier, ThreadsShareOne) {
  constexpr size_t kPlatforms = 40;
  std::vector<Bytes> quotes;
  for (size_t i = 0; i < kPlatforms; ++i) {
    Evidence evidence;
    evidence.change_quote = [i](simulator::QuoteParts& parts) {
      parts.attestation_key = parts.signed_by = "attestation " + std::to_string(i);
    };
    quotes.push_back(quote_of(evidence));
  }
  const Evidence evidence;
  const PreparedCollateral collateral = collateral_of(evidence);
  Verifier verifier(trust_roots_of(evidence), 16);
  std::vector<std::jthread> threads;
  std::atomic<size_t> genuine = 0;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kPlatforms; ++i) {
        const auto quote = parse_quote(quotes[(i + 10 * t) % kPlatforms]);
        if (verifier.verify(*quote, collateral, kNow).genuine) ++genuine;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(genuine, 4 * kPlatforms);
  EXPECT_LE(verifier.platform_count(), 16u);
}

}  // namespace
}  // namespace quoin
