#include "src/simulator/platform.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "quoin/verify.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

// What our own verifier says at kNow, with the platform's root trusted.
Verdict verdict_of(const Platform& platform, ByteView quote, ByteView bundle, UtcTime now = kNow) {
  const Result<Quote> parsed = parse_quote(quote);
  const Result<Collateral> collateral = Collateral::parse(bundle);
  EXPECT_TRUE(parsed.ok()) << parsed.error().what;
  EXPECT_TRUE(collateral.ok()) << collateral.error().what;
  const std::vector<TrustRoot> roots = {TrustRoot::parse(platform.root_certificate()).value()};
  return verify_quote(*parsed, *collateral, now, roots);
}

Bytes td_quote(const Platform& platform) {
  return platform.quote(platform.td_report(default_td_state(), test_report_data())).value();
}

std::string reason_of(const Verdict& verdict) {
  if (verdict.reason() == nullptr) return "";
  return std::string(verdict.reason()->id);
}

// The first rule that does not hold for a TD quote of a platform with those settings.
std::string td_reason(PlatformSettings settings) {
  const Platform platform(test_seed(1), std::move(settings));
  return reason_of(verdict_of(platform, td_quote(platform), platform.collateral_bundle()));
}

TEST(Platform, GivesTdQuotesThatAreGenuineAndUpToDate) {
  const Platform platform(test_seed(1), kIssued);
  const Verdict verdict = verdict_of(platform, td_quote(platform), platform.collateral_bundle());
  EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
  EXPECT_TRUE(verdict.simulated);
  EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
  EXPECT_TRUE(verdict.advisory_ids.empty());
  ASSERT_TRUE(verdict.platform.has_value());
  EXPECT_EQ(verdict.platform->fmspc, kFmspc);
  EXPECT_EQ(verdict.valid_until, kIssued + std::chrono::days(30));
}

TEST(Platform, GivesEveryKindOfQuoteUnderEitherCa) {
  const QuoteBody enclave = default_enclave_report(test_report_data());
  for (const PckCa ca : {PckCa::platform, PckCa::processor}) {
    for (const uint32_t tcb_info_version : {2u, 3u}) {
      PlatformSettings settings = default_settings(test_seed(1), kIssued, ca);
      settings.sgx_tcb_info.version = tcb_info_version;
      const Platform platform(test_seed(1), settings);
      const Bytes quote = write_quote(platform.seed(), platform.quote_parts(enclave, 3));
      const Verdict verdict = verdict_of(platform, quote, platform.collateral_bundle(TeeType::sgx));
      EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
      EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    }
    const Platform platform(test_seed(1), default_settings(test_seed(1), kIssued, ca));
    const TdReportStruct report =
        parse_td_report(platform.td_report(default_td_state(), test_report_data())).value();
    for (const BodyType type :
         {BodyType::td_report_10, BodyType::td_report_15, BodyType::td_report_15_ex}) {
      const QuoteBody body = td_quote_body(report, type).value();
      const Bytes quote = write_quote(platform.seed(), platform.quote_parts(body, 5));
      const Verdict verdict = verdict_of(platform, quote, platform.collateral_bundle());
      EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
      EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    }
  }
}

TEST(Platform, IsNotTrustedByAnybodyElse) {
  const Platform platform(test_seed(1), kIssued);
  const Bytes quote = td_quote(platform);
  const Bytes bundle = platform.collateral_bundle();
  const Platform another(test_seed(2), kIssued);
  EXPECT_EQ(reason_of(verdict_of(another, quote, bundle)), "pck_chain_root");
  const Verdict under_intel =
      verify_quote(parse_quote(quote).value(), Collateral::parse(bundle).value(), kNow,
                   std::vector<TrustRoot>{TrustRoot::intel()});
  EXPECT_FALSE(under_intel.genuine);
  EXPECT_EQ(reason_of(under_intel), "pck_chain_root");
}

TEST(Platform, MakesTheSameBytesOfTheSameSeedAndSettings) {
  const Platform platform(test_seed(1), kIssued);
  const Platform same(test_seed(1), kIssued);
  EXPECT_EQ(td_quote(platform), td_quote(same));
  EXPECT_EQ(platform.collateral_bundle(), same.collateral_bundle());
  EXPECT_EQ(platform.collateral_bundle(TeeType::sgx), same.collateral_bundle(TeeType::sgx));

  const Platform another(test_seed(2), kIssued);
  EXPECT_NE(td_quote(platform), td_quote(another));
  EXPECT_NE(platform.collateral_bundle(), another.collateral_bundle());
  const Platform later(test_seed(1), kIssued + std::chrono::seconds(1));
  EXPECT_EQ(td_quote(platform), td_quote(later));
  EXPECT_NE(platform.collateral_bundle(), later.collateral_bundle());
}

struct Fault {
  const char* reason;  // the rule that must be the first not to hold
  std::function<void(PlatformSettings&)> set;
};

// One setting each, and the rule of the verifier that it breaks.
const Fault kFaults[] = {
    {"", [](PlatformSettings&) {}},
    {"pck_chain_names",
     [](PlatformSettings& s) { s.pki.pck.subject.common_name = "Somebody's certificate"; }},
    {"pck_chain_signatures", [](PlatformSettings& s) { s.pki.pck.signed_by = "another"; }},
    {"pck_chain_not_expired",
     [](PlatformSettings& s) { s.pki.pck.not_after = kNow - std::chrono::seconds(1); }},
    {"pck_sgx_extension", [](PlatformSettings& s) { s.pki.pck.sgx_extension.reset(); }},
    {"root_ca_crl_signature", [](PlatformSettings& s) { s.root_ca_crl.signed_by = "another"; }},
    {"root_ca_crl_not_expired",
     [](PlatformSettings& s) { s.root_ca_crl.next_update = kNow - std::chrono::seconds(1); }},
    {"pck_crl_issuer", [](PlatformSettings& s) { s.pck_crl.issuer = s.pki.processor_ca.subject; }},
    {"pck_not_revoked",
     [](PlatformSettings& s) {
       s.pck_crl.revoked = {{.serial = derive_serial(test_seed(1), kPckKey), .date = kIssued}};
     }},
    {"pck_ca_not_revoked",
     [](PlatformSettings& s) {
       s.root_ca_crl.revoked = {
           {.serial = derive_serial(test_seed(1), kPlatformCaKey), .date = kIssued}};
     }},
    {"tcb_info_signature", [](PlatformSettings& s) { s.tcb_info_signed_by = "another"; }},
    {"tcb_info_not_expired",
     [](PlatformSettings& s) { s.tdx_tcb_info.next_update = kNow - std::chrono::seconds(1); }},
    {"qe_identity_signature", [](PlatformSettings& s) { s.qe_identity_signed_by = "another"; }},
    {"tcb_info_tee", [](PlatformSettings& s) { s.tdx_tcb_info = s.sgx_tcb_info; }},
    {"tcb_info_fmspc", [](PlatformSettings& s) { s.tdx_tcb_info.fmspc[0] ^= 1; }},
    {"tcb_info_pce_id", [](PlatformSettings& s) { s.tdx_tcb_info.pce_id[0] ^= 1; }},
    {"tdx_module_identity",
     [](PlatformSettings& s) { s.tdx_tcb_info.tdx_module_identities.reset(); }},
    {"tdx_module_mr_signer", [](PlatformSettings& s) { s.tee_tcb_info.mr_signer_seam[0] = 1; }},
    {"tdx_module_attributes", [](PlatformSettings& s) { s.tee_tcb_info.attributes[0] = 1; }},
    {"qe_identity_tee", [](PlatformSettings& s) { s.td_qe_identity.id = QeIdentityId::qe; }},
    {"qe_mr_signer", [](PlatformSettings& s) { s.td_qe.mr_signer[0] ^= 1; }},
    {"qe_isv_prod_id", [](PlatformSettings& s) { s.td_qe.isv_prod_id = 1; }},
};

TEST(Platform, BreaksTheOneRuleThatASettingIsAbout) {
  for (const Fault& fault : kFaults) {
    PlatformSettings settings = default_settings(test_seed(1), kIssued);
    fault.set(settings);
    EXPECT_EQ(td_reason(std::move(settings)), fault.reason);
  }
}

TEST(Platform, HasTheTcbStatusThatIsSet) {
  PlatformSettings settings = default_settings(test_seed(1), kIssued);
  settings.pki.pck.sgx_extension->pce_svn -= 1;
  const Platform behind(test_seed(1), settings);
  const Verdict verdict = verdict_of(behind, td_quote(behind), behind.collateral_bundle());
  EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
  EXPECT_EQ(verdict.tcb_status, TcbStatus::out_of_date);
  EXPECT_EQ(verdict.advisory_ids.size(), 1u);

  settings = default_settings(test_seed(1), kIssued);
  settings.tee_tcb_info.tee_tcb_svn[0] -= 1;
  const Platform updated(test_seed(1), settings);
  const Bytes quote = td_quote(updated);
  EXPECT_EQ(parse_quote(quote)->header.version, 5);
  EXPECT_EQ(verdict_of(updated, quote, updated.collateral_bundle()).tcb_status,
            TcbStatus::td_relaunch_advised);
}

}  // namespace
}  // namespace quoin::simulator
