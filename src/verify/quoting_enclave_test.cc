// What no parsed collateral can say, and the rules refuse all the same.

#include "src/verify/quoting_enclave.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "quoin/verifier.h"
#include "src/verify/evidence_testing.h"
#include "src/verify/platform.h"

namespace quoin {
namespace {

// QVL QuoteVerifier, 4.1.2.5.15: version 1 of QE identity is for SGX only.
TEST(QeIdentityOfAQuote, MustBeForItsTeeAndOfItsVersion) {
  constexpr struct {
    TeeType tee;
    QeIdentityId id;
    uint32_t version;
    bool wanted;
  } kCases[] = {
      {TeeType::tdx, QeIdentityId::td_qe, 1, false}, {TeeType::tdx, QeIdentityId::td_qe, 2, true},
      {TeeType::tdx, QeIdentityId::td_qe, 3, true},  {TeeType::tdx, QeIdentityId::qe, 2, false},
      {TeeType::tdx, QeIdentityId::qve, 2, false},   {TeeType::sgx, QeIdentityId::qe, 1, true},
      {TeeType::sgx, QeIdentityId::qe, 2, true},     {TeeType::sgx, QeIdentityId::td_qe, 2, false},
      {TeeType::sgx, QeIdentityId::qve, 2, false},
  };
  for (const auto& test : kCases) {
    Quote quote;
    quote.header.tee_type = test.tee;
    QeIdentity identity;
    identity.id = test.id;
    identity.version = test.version;
    CheckList checks(Detail::refusals);
    EXPECT_EQ(check_qe_identity(checks, quote, identity), test.wanted);
    EXPECT_EQ(checks.reason() == nullptr ? "" : checks.reason()->id,
              test.wanted ? "" : "qe_identity_tee");
  }
}

// QVL QuoteVerifier, 4.1.2.5.10.
TEST(TcbInfoOfAQuote, MustBeForItsTeeAndOfItsVersion) {
  constexpr struct {
    TeeType tee;
    TcbInfoId id;
    uint32_t version;
    bool wanted;
  } kCases[] = {
      {TeeType::tdx, TcbInfoId::tdx, 2, false}, {TeeType::tdx, TcbInfoId::tdx, 3, true},
      {TeeType::tdx, TcbInfoId::sgx, 3, false}, {TeeType::sgx, TcbInfoId::sgx, 2, true},
      {TeeType::sgx, TcbInfoId::sgx, 3, true},  {TeeType::sgx, TcbInfoId::tdx, 3, false},
  };
  for (const auto& test : kCases) {
    Quote quote;
    quote.header.tee_type = test.tee;
    TcbInfo tcb_info;
    tcb_info.id = test.id;
    tcb_info.version = test.version;
    CheckList checks(Detail::refusals);
    EXPECT_EQ(check_tcb_info_applies(checks, quote, {}, tcb_info), test.wanted);
    EXPECT_EQ(checks.reason() == nullptr ? "" : checks.reason()->id,
              test.wanted ? "" : "tcb_info_tee");
  }
}

TEST(AttestationKey, ThatIsNotOnTheCurveSignedNothing) {
  const Evidence evidence;
  const Bytes bytes = quote_of(evidence);
  Quote quote = parse_quote(bytes).value();
  quote.attestation_key = {};
  const PreparedCollateral collateral(
      Collateral::parse(simulator::write_bundle(bundle_of(evidence))).value());
  const auto trust_roots = trust_roots_of(evidence);
  Verifier verifier(trust_roots);
  for (const Verdict& verdict :
       {verify_quote(quote, collateral.collateral(), kNow, trust_roots),
        verifier.verify(quote, collateral, kNow), verifier.verify(quote, collateral, kNow)}) {
    EXPECT_FALSE(verdict.genuine);
    EXPECT_EQ(refusals_of(verdict),
              (std::vector<std::string_view>{"qe_report_data", "quote_signature"}));
    const auto check = std::ranges::find(verdict.checks, "quote_signature", &Check::id);
    EXPECT_EQ(check->seen, "the attestation key is not on the curve");
  }
}

// QVL QuoteVerifier, 4.1.2.5.12: "tdxModule" answers for modules without a version.
TEST(TdxModule, WithoutAVersionIsTheOneAndOnly) {
  Evidence evidence;
  evidence.settings.tee_tcb_info.tee_tcb_svn[1] = 0;
  for (const std::string_view id : refusals_of(verify(evidence))) {
    EXPECT_FALSE(id.starts_with("tdx_module")) << id;
  }
  evidence.settings.tdx_tcb_info.tdx_module->mr_signer[0] ^= 1;
  EXPECT_EQ(reason_of(verify(evidence)), "tdx_module_mr_signer");
}

// TCB info for SGX describes no TDX module, of whatever version.
TEST(TdxModule, IsNotThatOfSgxTcbInfo) {
  for (const uint8_t major_version : {uint8_t{0}, uint8_t{1}}) {
    Evidence evidence;
    evidence.settings.tee_tcb_info.tee_tcb_svn[1] = major_version;
    evidence.settings.tdx_tcb_info = evidence.settings.sgx_tcb_info;
    EXPECT_EQ(refusals_of(verify(evidence)),
              (std::vector<std::string_view>{"tcb_info_tee", "tdx_module_identity"}));
  }
}

}  // namespace
}  // namespace quoin
