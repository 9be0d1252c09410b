#include "src/simulator/pki.h"

#include <chrono>

#include "quoin/verify.h"
#include "src/x509/pem.h"

namespace quoin::simulator {
namespace {

// Bits of KeyUsage (RFC 5280, 4.2.1.3).
constexpr uint16_t kDigitalSignatureAndNonRepudiation = 1 << 0 | 1 << 1;
constexpr uint16_t kCertificateAndCrlSign = 1 << 5 | 1 << 6;

constexpr UtcTime kNotBefore = std::chrono::sys_days(std::chrono::January / 1 / 2020);
constexpr UtcTime kNotAfter =
    std::chrono::sys_days(std::chrono::January / 1 / 2050) - std::chrono::seconds(1);

// Names under .invalid (RFC 2606, section 2) resolve nowhere: nothing is ever fetched from them.
// Intel's library wants a distribution point to stand in each certificate.
constexpr std::string_view kCrlDistributionPoint = "https://simulator.invalid/";

CertificateSettings certificate(std::string_view key, std::string_view common_name) {
  CertificateSettings settings;
  settings.key = key;
  settings.signed_by = kRootKey;
  settings.subject.common_name = common_name;
  settings.issuer.common_name = kSimulatorRootCommonName;
  settings.not_before = kNotBefore;
  settings.not_after = kNotAfter;
  settings.authority_key = kRootKey;
  settings.crl_distribution_point = std::string(kCrlDistributionPoint) + "root.crl";
  return settings;
}

CertificateSettings certificate_authority(std::string_view key, std::string_view common_name,
                                          uint32_t path_length) {
  CertificateSettings settings = certificate(key, common_name);
  settings.key_usage = kCertificateAndCrlSign;
  settings.basic_constraints = x509::BasicConstraints{.ca = true, .path_length = path_length};
  return settings;
}

CertificateSettings end_entity(std::string_view key, std::string_view common_name) {
  CertificateSettings settings = certificate(key, common_name);
  settings.key_usage = kDigitalSignatureAndNonRepudiation;
  settings.basic_constraints = x509::BasicConstraints{.ca = false, .path_length = std::nullopt};
  return settings;
}

}  // namespace

PkiSettings default_pki(PckCa issuer, const x509::SgxExtension& extension) {
  PkiSettings pki;
  pki.root = certificate_authority(kRootKey, kSimulatorRootCommonName, 1);
  pki.platform_ca =
      certificate_authority(kPlatformCaKey, "Quoin Simulator SGX PCK Platform CA, NOT INTEL", 0);
  pki.processor_ca =
      certificate_authority(kProcessorCaKey, "Quoin Simulator SGX PCK Processor CA, NOT INTEL", 0);
  pki.tcb_signing = end_entity(kTcbSigningKey, "Quoin Simulator SGX TCB Signing, NOT INTEL");

  const bool platform = issuer == PckCa::platform;
  const CertificateSettings& ca = platform ? pki.platform_ca : pki.processor_ca;
  pki.pck = end_entity(kPckKey, "Quoin Simulator SGX PCK Certificate, NOT INTEL");
  pki.pck.signed_by = ca.key;
  pki.pck.authority_key = ca.key;
  pki.pck.issuer = ca.subject;
  pki.pck.crl_distribution_point =
      std::string(kCrlDistributionPoint) + (platform ? "platform.crl" : "processor.crl");
  pki.pck.sgx_extension = extension;
  return pki;
}

const Bytes& Pki::get(CertificateRole role) const {
  switch (role) {
    case CertificateRole::root:
      return root;
    case CertificateRole::platform_ca:
      return platform_ca;
    case CertificateRole::processor_ca:
      return processor_ca;
    case CertificateRole::pck:
      return pck;
    case CertificateRole::tcb_signing:
      return tcb_signing;
  }
  return root;
}

Pki write_pki(const Seed& seed, const PkiSettings& settings) {
  return {.root = write_certificate(seed, settings.root),
          .platform_ca = write_certificate(seed, settings.platform_ca),
          .processor_ca = write_certificate(seed, settings.processor_ca),
          .pck = write_certificate(seed, settings.pck),
          .tcb_signing = write_certificate(seed, settings.tcb_signing)};
}

std::string pem_chain(const Pki& pki, const std::vector<CertificateRole>& roles) {
  std::string out;
  for (const CertificateRole role : roles) out += x509::to_pem(pki.get(role), "CERTIFICATE");
  return out;
}

}  // namespace quoin::simulator
