#include "src/simulator/pki.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <string>

#include "quoin/verify.h"
#include "src/crypto/openssl_pointer.h"
#include "src/simulator/crl_writer.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/x509/certificate.h"
#include "src/x509/crl.h"
#include "src/x509/sgx_extension.h"

namespace quoin::simulator {
namespace {

using CertificatePointer = OpenSslPointer<X509, X509_free>;
using CrlPointer = OpenSslPointer<X509_CRL, X509_CRL_free>;

CertificatePointer openssl_certificate(ByteView der) {
  const uint8_t* cursor = der.data();
  return CertificatePointer(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

CrlPointer openssl_crl(ByteView der) {
  const uint8_t* cursor = der.data();
  return CrlPointer(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
}

// What `openssl verify -crl_check_all` says of a certificate under the platform's root, by way of
// `intermediate`, at kNow: X509_V_OK or the reason.
int openssl_verify(const Platform& platform, ByteView certificate, ByteView intermediate) {
  const OpenSslPointer<X509_STORE, X509_STORE_free> store(X509_STORE_new());
  const auto root = openssl_certificate(platform.root_certificate());
  X509_STORE_add_cert(store.get(), root.get());
  const BundleParts collateral = platform.collateral();
  for (const Bytes& crl : {collateral.root_ca_crl, collateral.pck_crl}) {
    X509_STORE_add_crl(store.get(), openssl_crl(crl).get());
  }

  const auto leaf = openssl_certificate(certificate);
  const auto ca = openssl_certificate(intermediate);
  const OpenSslPointer<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>
      untrusted(sk_X509_new_null());
  sk_X509_push(untrusted.get(), ca.get());
  const OpenSslPointer<X509_STORE_CTX, X509_STORE_CTX_free> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), untrusted.get());
  X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
                                              X509_V_FLAG_X509_STRICT |
                                              X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_VERIFY_PARAM_set_time(parameters, kNow.time_since_epoch().count());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

int openssl_verify_pck(const Platform& platform) {
  const Pki& pki = platform.certificates();
  return openssl_verify(platform, pki.pck, pki.platform_ca);
}

Platform platform_with(PlatformSettings settings) {
  return Platform(test_seed(1), std::move(settings));
}

TEST(Pki, HoldsForOpenSsl) {
  const Platform platform(test_seed(1), kIssued);
  const Pki& pki = platform.certificates();
  EXPECT_EQ(openssl_verify_pck(platform), X509_V_OK);
  EXPECT_EQ(openssl_verify(platform, pki.tcb_signing, pki.platform_ca), X509_V_OK);

  const Platform processor =
      platform_with(default_settings(test_seed(1), kIssued, PckCa::processor));
  EXPECT_EQ(openssl_verify(processor, processor.certificates().pck,
                           processor.certificates().processor_ca),
            X509_V_OK);
}

TEST(Pki, IsRefusedByOpenSslForTheFaultThatIsSet) {
  const Seed seed = test_seed(1);
  const PlatformSettings good = default_settings(seed, kIssued);

  PlatformSettings revoked = good;
  revoked.pck_crl.revoked = {{.serial = derive_serial(seed, "somebody else"), .date = kIssued},
                             {.serial = derive_serial(seed, kPckKey), .date = kIssued}};
  EXPECT_EQ(openssl_verify_pck(platform_with(revoked)), X509_V_ERR_CERT_REVOKED);

  PlatformSettings revoked_ca = good;
  revoked_ca.root_ca_crl.revoked = {
      {.serial = derive_serial(seed, kPlatformCaKey), .date = kIssued, .reason = std::nullopt}};
  EXPECT_EQ(openssl_verify_pck(platform_with(revoked_ca)), X509_V_ERR_CERT_REVOKED);

  PlatformSettings others_revoked = good;
  others_revoked.pck_crl.revoked = {
      {.serial = derive_serial(seed, "somebody else"), .date = kIssued}};
  EXPECT_EQ(openssl_verify_pck(platform_with(others_revoked)), X509_V_OK);

  PlatformSettings wrong_signer = good;
  wrong_signer.pki.pck.signed_by = kProcessorCaKey;
  EXPECT_EQ(openssl_verify_pck(platform_with(wrong_signer)), X509_V_ERR_CERT_SIGNATURE_FAILURE);

  PlatformSettings expired = good;
  expired.pki.pck.not_after = kNow - std::chrono::seconds(1);
  EXPECT_EQ(openssl_verify_pck(platform_with(expired)), X509_V_ERR_CERT_HAS_EXPIRED);

  PlatformSettings crl_of_another_ca = good;
  crl_of_another_ca.pck_crl.issuer = good.pki.processor_ca.subject;
  crl_of_another_ca.pck_crl.authority_key = kProcessorCaKey;
  crl_of_another_ca.pck_crl.signed_by = kProcessorCaKey;
  EXPECT_EQ(openssl_verify_pck(platform_with(crl_of_another_ca)), X509_V_ERR_UNABLE_TO_GET_CRL);

  PlatformSettings expired_crl = good;
  expired_crl.root_ca_crl.next_update = kNow - std::chrono::seconds(1);
  EXPECT_EQ(openssl_verify_pck(platform_with(expired_crl)), X509_V_ERR_CRL_HAS_EXPIRED);
}

TEST(Pki, SaysInEveryNameThatItIsNotIntel) {
  const Platform platform(test_seed(1), kIssued);
  const Pki& pki = platform.certificates();
  const struct {
    const Bytes& certificate;
    std::string_view phrase;
  } kNames[] = {{pki.root, "Simulator Root CA"},
                {pki.platform_ca, "SGX PCK Platform CA"},
                {pki.processor_ca, "SGX PCK Processor CA"},
                {pki.pck, "SGX PCK Certificate"},
                {pki.tcb_signing, "SGX TCB Signing"}};
  for (const auto& [der, phrase] : kNames) {
    const Result<x509::Certificate> certificate = x509::parse_certificate(der);
    ASSERT_TRUE(certificate.ok()) << certificate.error().what;
    const std::string_view name = certificate->subject.common_name;
    EXPECT_NE(name.find(phrase), std::string_view::npos) << name;
    EXPECT_TRUE(name.ends_with(", NOT INTEL")) << name;
  }
  EXPECT_EQ(x509::parse_certificate(pki.root)->subject.common_name, kSimulatorRootCommonName);
}

TEST(Pki, SaysWhatTheSettingsSay) {
  const Seed seed = test_seed(1);
  const PlatformSettings settings = default_settings(seed, kIssued);
  const Bytes der = write_certificate(seed, settings.pki.pck);
  const x509::Certificate pck = x509::parse_certificate(der).value();
  EXPECT_TRUE(equal(pck.serial, derive_serial(seed, kPckKey)));
  EXPECT_EQ(to_string(pck.not_before), "2020-01-01T00:00:00Z");
  EXPECT_EQ(to_string(pck.not_after), "2049-12-31T23:59:59Z");
  EXPECT_EQ(pck.key_usage, settings.pki.pck.key_usage);
  ASSERT_TRUE(pck.basic_constraints.has_value());
  EXPECT_FALSE(pck.basic_constraints->ca);
  EXPECT_TRUE(equal(pck.subject_key_identifier, key_identifier(seed, kPckKey)));
  EXPECT_TRUE(equal(pck.authority_key_identifier, key_identifier(seed, kPlatformCaKey)));

  const x509::SgxExtension wanted = *settings.pki.pck.sgx_extension;
  const x509::SgxExtension extension = x509::parse_sgx_extension(pck.sgx_extension).value();
  EXPECT_EQ(extension.ppid, wanted.ppid);
  EXPECT_EQ(extension.tcb_components, wanted.tcb_components);
  EXPECT_EQ(extension.pce_svn, wanted.pce_svn);
  EXPECT_EQ(extension.cpu_svn, wanted.cpu_svn);
  EXPECT_EQ(extension.pce_id, wanted.pce_id);
  EXPECT_EQ(extension.fmspc, kFmspc);
  EXPECT_EQ(extension.sgx_type, wanted.sgx_type);
  EXPECT_EQ(extension.platform_instance_id, wanted.platform_instance_id);
  ASSERT_TRUE(extension.configuration.has_value());
  EXPECT_EQ(extension.configuration->dynamic_platform, true);
  EXPECT_EQ(extension.configuration->cached_keys, false);
  EXPECT_EQ(extension.configuration->smt_enabled, true);

  CertificateSettings bare;
  bare.key = bare.signed_by = "somebody";
  bare.subject.common_name = bare.issuer.common_name = "somebody";
  bare.subject_key_identifier = false;
  bare.serial = {5};
  const Bytes bare_der = write_certificate(seed, bare);
  const x509::Certificate certificate = x509::parse_certificate(bare_der).value();
  EXPECT_TRUE(equal(certificate.serial, bare.serial));
  EXPECT_FALSE(certificate.key_usage.has_value());
  EXPECT_FALSE(certificate.basic_constraints.has_value());
  EXPECT_TRUE(certificate.subject_key_identifier.empty());
  EXPECT_TRUE(certificate.sgx_extension.empty());
}

TEST(Pki, HasARootThatDependsOnTheSeedAlone) {
  const Platform platform(test_seed(1), kIssued);
  EXPECT_TRUE(equal(platform.root_certificate(),
                    Platform(test_seed(1), kIssued + std::chrono::years(1)).root_certificate()));
  EXPECT_FALSE(
      equal(platform.root_certificate(), Platform(test_seed(2), kIssued).root_certificate()));
  EXPECT_TRUE(equal(platform.root_certificate(),
                    write_certificate(test_seed(1), default_pki(PckCa::processor, {}).root)));
}

TEST(Crl, SaysWhatTheSettingsSay) {
  const Seed seed = test_seed(1);
  CrlSettings settings = default_settings(seed, kIssued).pck_crl;
  settings.crl_number = 300;
  settings.revoked = {{.serial = {7}, .date = kIssued}, {.serial = {1, 2}, .date = kIssued}};
  const Bytes der = write_crl(seed, settings);
  const x509::Crl crl = x509::parse_crl(der).value();
  EXPECT_EQ(crl.this_update, kIssued);
  EXPECT_EQ(crl.next_update, kIssued + std::chrono::days(30));
  EXPECT_EQ(crl.revoked.size(), 2u);
  EXPECT_TRUE(crl.is_revoked(Bytes{7}));
  EXPECT_TRUE(crl.is_revoked(Bytes{1, 2}));
  EXPECT_FALSE(crl.is_revoked(Bytes{8}));
  ASSERT_TRUE(crl.crl_number.has_value());
  EXPECT_TRUE(equal(*crl.crl_number, Bytes{1, 44}));
  EXPECT_TRUE(equal(crl.authority_key_identifier, key_identifier(seed, kPlatformCaKey)));

  settings.next_update = std::nullopt;
  EXPECT_FALSE(x509::parse_crl(write_crl(seed, settings)).ok());
}

}  // namespace
}  // namespace quoin::simulator
