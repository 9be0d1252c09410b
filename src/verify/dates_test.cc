// Everything that a verdict rests on has a first and a last second, and both count.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

using simulator::PlatformSettings;

// One part of the evidence, and the checks of its dates: of all that look at it, in order.
struct Part {
  std::string name;
  std::vector<std::string_view> not_expired;
  std::vector<std::string_view> not_before;
  std::function<void(Evidence&, UtcTime)> set_end;
  std::function<void(Evidence&, UtcTime)> set_begin;
};

using Dates = simulator::CertificateSettings;

Part certificate(std::string name, std::vector<std::string_view> not_expired,
                 std::vector<std::string_view> not_before, Dates simulator::PkiSettings::* member) {
  return {
      std::move(name), std::move(not_expired), std::move(not_before),
      [=](Evidence& evidence, UtcTime time) { (evidence.settings.pki.*member).not_after = time; },
      [=](Evidence& evidence, UtcTime time) { (evidence.settings.pki.*member).not_before = time; }};
}

// The certificate of the signer of one of the two texts.
Part signer(
    std::string name, std::string_view not_expired, std::string_view not_before,
    std::function<void(simulator::BundleParts&)> (*with_chain_of)(const PlatformSettings&)) {
  return {std::move(name),
          {not_expired},
          {not_before},
          [=](Evidence& evidence, UtcTime time) {
            PlatformSettings other = evidence.settings;
            other.pki.tcb_signing.not_after = time;
            evidence.change_bundle = with_chain_of(other);
          },
          [=](Evidence& evidence, UtcTime time) {
            PlatformSettings other = evidence.settings;
            other.pki.tcb_signing.not_before = time;
            evidence.change_bundle = with_chain_of(other);
          }};
}

Part crl(std::string name, std::string_view not_expired, std::string_view not_before,
         simulator::CrlSettings PlatformSettings::* member) {
  return {
      std::move(name),
      {not_expired},
      {not_before},
      [=](Evidence& evidence, UtcTime time) { (evidence.settings.*member).next_update = time; },
      [=](Evidence& evidence, UtcTime time) { (evidence.settings.*member).this_update = time; }};
}

template <typename Text>
Part text(std::string name, std::string_view not_expired, std::string_view not_before,
          Text PlatformSettings::* member) {
  return {std::move(name),
          {not_expired},
          {not_before},
          [=](Evidence& evidence, UtcTime time) { (evidence.settings.*member).next_update = time; },
          [=](Evidence& evidence, UtcTime time) { (evidence.settings.*member).issue_date = time; }};
}

std::vector<Part> parts() {
  return {
      certificate("PCK certificate", {"pck_chain_not_expired"}, {"pck_chain_not_before"},
                  &simulator::PkiSettings::pck),
      certificate("CA", {"pck_chain_not_expired"}, {"pck_chain_not_before"},
                  &simulator::PkiSettings::platform_ca),
      certificate(
          "root",
          {"pck_chain_not_expired", "tcb_info_chain_not_expired", "qe_identity_chain_not_expired"},
          {"pck_chain_not_before", "tcb_info_chain_not_before", "qe_identity_chain_not_before"},
          &simulator::PkiSettings::root),
      signer("TCB info's signer", "tcb_info_chain_not_expired", "tcb_info_chain_not_before",
             with_tcb_info_chain_of),
      signer("QE identity's signer", "qe_identity_chain_not_expired",
             "qe_identity_chain_not_before", with_qe_identity_chain_of),
      crl("root's CRL", "root_ca_crl_not_expired", "root_ca_crl_not_before",
          &PlatformSettings::root_ca_crl),
      crl("PCK CRL", "pck_crl_not_expired", "pck_crl_not_before", &PlatformSettings::pck_crl),
      text("TCB info", "tcb_info_not_expired", "tcb_info_not_before",
           &PlatformSettings::tdx_tcb_info),
      text("QE identity", "qe_identity_not_expired", "qe_identity_not_before",
           &PlatformSettings::td_qe_identity),
  };
}

TEST(Dates, TheLastSecondOfEachPartIsInsideAndTheNextIsNot) {
  for (const Part& part : parts()) {
    SCOPED_TRACE(part.name);
    Evidence evidence;
    evidence.trust = Trust::own_root;
    part.set_end(evidence, kNow);
    const Verdict inside = verify(evidence);
    EXPECT_TRUE(inside.genuine) << reason_of(inside);
    EXPECT_EQ(inside.valid_until, kNow);

    evidence.now = kNow + kSecond;
    const Verdict outside = verify(evidence);
    EXPECT_FALSE(outside.genuine);
    EXPECT_EQ(refusals_of(outside), part.not_expired);
    EXPECT_EQ(outside.tcb_status, TcbStatus::up_to_date) << "said all the same";
  }
}

// Intel's library looks at no beginning: these checks are stricter.
TEST(Dates, TheFirstSecondOfEachPartIsInsideAndTheOneBeforeIsNot) {
  for (const Part& part : parts()) {
    SCOPED_TRACE(part.name);
    Evidence evidence;
    evidence.trust = Trust::own_root;
    part.set_begin(evidence, kNow);
    const Verdict inside = verify(evidence);
    EXPECT_TRUE(inside.genuine) << reason_of(inside);

    evidence.now = kNow - kSecond;
    const Verdict outside = verify(evidence);
    EXPECT_FALSE(outside.genuine);
    EXPECT_EQ(refusals_of(outside), part.not_before);
    EXPECT_EQ(outside.tcb_status, TcbStatus::up_to_date) << "said all the same";
  }
}

TEST(Dates, TheVerdictHoldsUntilTheEarliestEnd) {
  Evidence evidence;
  evidence.trust = Trust::own_root;
  UtcTime end = kNow + 100 * kSecond;
  for (const Part& part : parts()) {
    SCOPED_TRACE(part.name);
    end -= kSecond;
    part.set_end(evidence, end);
    EXPECT_EQ(verify(evidence).valid_until, end);
  }
}

// The ends of what real evidence has, and of what a date can say.
TEST(Dates, FarAwayTimesAreOnlyTooEarlyOrTooLate) {
  Evidence evidence;
  for (const UtcTime now : {UtcTime::min(), UtcTime{}, UtcTime::max()}) {
    evidence.now = now;
    const Verdict verdict = verify(evidence);
    EXPECT_FALSE(verdict.genuine);
    EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    for (const std::string_view id : refusals_of(verdict)) {
      EXPECT_TRUE(id.ends_with(now == UtcTime::max() ? "_not_expired" : "_not_before")) << id;
    }
  }
}

}  // namespace
}  // namespace quoin
