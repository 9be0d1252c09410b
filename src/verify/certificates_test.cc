// Shapes of certificates that Intel's do not have: which of them are refused, and which are not.

#include "src/verify/certificates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

using simulator::CertificateRole;
using simulator::Platform;
using simulator::PlatformSettings;

TEST(Certificates, AKeyThatIsNotOnTheCurveSignedNothing) {
  EXPECT_FALSE(is_signed_by(x509::Certificate(), as_bytes("message"), {}));
}

TEST(Certificates, EitherCaIssuesPckCertificates) {
  for (const auto ca : {simulator::PckCa::platform, simulator::PckCa::processor}) {
    Evidence evidence;
    evidence.settings = simulator::default_settings(evidence_seed(), kNow - kDay, ca);
    EXPECT_EQ(reason_of(verify(evidence)), "");
  }
}

TEST(Certificates, ARootThatSomebodyElseIssuedIsNone) {
  Evidence evidence;
  evidence.settings.pki.root.issuer.common_name = "Somebody";
  EXPECT_EQ(reason_of(verify(evidence)), "pck_chain_names");

  PlatformSettings other = Evidence().settings;
  other.pki.root.issuer.common_name = "Somebody";
  Evidence of_tcb_info;
  of_tcb_info.change_bundle = with_tcb_info_chain_of(other);
  EXPECT_EQ(reason_of(verify(of_tcb_info)), "tcb_info_chain");
  Evidence of_qe_identity;
  of_qe_identity.change_bundle = with_qe_identity_chain_of(other);
  EXPECT_EQ(reason_of(verify(of_qe_identity)), "qe_identity_chain");
}

TEST(Certificates, OneCertificateIsNotBothRootAndPck) {
  Evidence evidence;
  auto& pki = evidence.settings.pki;
  pki.root.sgx_extension = pki.pck.sgx_extension;
  pki.pck.sgx_extension.reset();
  evidence.trust = Trust::own_root;
  EXPECT_EQ(reason_of(verify(evidence)), "pck_sgx_extension");
}

TEST(Certificates, AChainIsFoundByWhatItsCertificatesAre) {
  const Platform platform(evidence_seed(), Evidence().settings);
  const auto& pki = platform.certificates();
  std::vector<x509::Certificate> three;
  for (const Bytes* der : {&pki.platform_ca, &pki.pck, &pki.root}) {
    three.push_back(x509::parse_certificate(*der).value());
  }
  std::vector<size_t> order = {0, 1, 2};
  do {
    const std::vector<x509::Certificate> chain = {three[order[0]], three[order[1]],
                                                  three[order[2]]};
    const PckChain found = find_pck_chain(chain);
    EXPECT_TRUE(equal(found.pck.encoded, pki.pck));
    EXPECT_TRUE(equal(found.ca.encoded, pki.platform_ca));
    EXPECT_TRUE(equal(found.root.encoded, pki.root));
  } while (std::ranges::next_permutation(order).found);
}

// RFC 5280, 4.2.1.9: without a length the path may be of any.
TEST(Certificates, ACaMayLeaveThePathLengthOut) {
  Evidence evidence;
  evidence.settings.pki.root.basic_constraints = {true, std::nullopt};
  evidence.settings.pki.platform_ca.basic_constraints = {true, std::nullopt};
  evidence.trust = Trust::own_root;
  EXPECT_EQ(reason_of(verify(evidence)), "");
}

// RFC 5280, 4.2.1.9: without the extension it is no CA.
TEST(Certificates, AnEndEntityMayLeaveBasicConstraintsOut) {
  Evidence evidence;
  evidence.settings.pki.pck.basic_constraints.reset();
  evidence.settings.pki.tcb_signing.basic_constraints.reset();
  EXPECT_EQ(reason_of(verify(evidence)), "");
}

// The CRLs are looked at with the quote's own chain; what stands beside the PCK CRL only saves
// time.
TEST(Certificates, TheChainBesideThePckCrlDecidesNothing) {
  for (const auto& chain :
       {std::vector{CertificateRole::root},
        std::vector{CertificateRole::processor_ca, CertificateRole::root},
        std::vector{CertificateRole::pck}, std::vector{CertificateRole::platform_ca}}) {
    Evidence evidence;
    evidence.settings.pck_crl_issuer_chain = chain;
    EXPECT_EQ(reason_of(verify(evidence)), "");
  }
}

}  // namespace
}  // namespace quoin
