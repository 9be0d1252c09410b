// The simulator's counterpart of Intel's provisioning PKI: a root of its own, the two CAs under it
// that issue PCK certificates, a PCK certificate, and the certificate that signs collateral.

#ifndef QUOIN_SRC_SIMULATOR_PKI_H_
#define QUOIN_SRC_SIMULATOR_PKI_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "src/simulator/certificate_writer.h"
#include "src/simulator/derive.h"
#include "src/x509/sgx_extension.h"

namespace quoin::simulator {

// Labels of the keys (SigningKey::derive). Others may be used: each label has its key.
inline constexpr std::string_view kRootKey = "root CA";
inline constexpr std::string_view kPlatformCaKey = "PCK platform CA";
inline constexpr std::string_view kProcessorCaKey = "PCK processor CA";
inline constexpr std::string_view kPckKey = "PCK";
inline constexpr std::string_view kTcbSigningKey = "TCB signing";
inline constexpr std::string_view kAttestationKey = "attestation";

// Which CA issues the PCK certificate: the Platform CA does for platforms of several packages and
// for all TDX platforms, the Processor CA for single packages.
enum class PckCa : uint8_t { platform, processor };

enum class CertificateRole : uint8_t { root, platform_ca, processor_ca, pck, tcb_signing };

struct PkiSettings {
  CertificateSettings root;
  CertificateSettings platform_ca;
  CertificateSettings processor_ca;
  CertificateSettings pck;
  CertificateSettings tcb_signing;
};

// A PKI in which everything is as it should be. Names hold the phrases that Intel's have and
// verifiers look for ("SGX PCK Certificate"), and "NOT INTEL". All certificates are valid from
// 2020-01-01 to the end of 2049, whatever the time is: so the root depends on the seed alone.
PkiSettings default_pki(PckCa issuer, const x509::SgxExtension& extension);

// The certificates in DER.
struct Pki {
  Bytes root;
  Bytes platform_ca;
  Bytes processor_ca;
  Bytes pck;
  Bytes tcb_signing;

  const Bytes& get(CertificateRole role) const;
};

Pki write_pki(const Seed& seed, const PkiSettings& settings);

// The certificates of those roles in PEM, one behind the other. They may be missing, doubled or in
// any order: that is the caller's choice.
std::string pem_chain(const Pki& pki, const std::vector<CertificateRole>& roles);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_PKI_H_
