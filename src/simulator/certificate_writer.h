// X.509 certificates (RFC 5280, section 4.1), the other direction of src/x509/certificate.h. Every
// field is a setting, so that tests can make certificates that are wrong in one way.

#ifndef QUOIN_SRC_SIMULATOR_CERTIFICATE_WRITER_H_
#define QUOIN_SRC_SIMULATOR_CERTIFICATE_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "quoin/bytes.h"
#include "quoin/time.h"
#include "src/simulator/derive.h"
#include "src/x509/certificate.h"
#include "src/x509/sgx_extension.h"

namespace quoin::simulator {

struct DistinguishedName {
  std::string common_name;
  std::string organization = "Quoin Simulator";  // left out when empty
};

// Name ::= RDNSequence, each attribute a UTF8String.
Bytes der_name(const DistinguishedName& name);

// What a certificate says. Keys are named by the labels that SigningKey::derive() takes.
struct CertificateSettings {
  std::string key;        // whose certificate it is
  std::string signed_by;  // who signs it
  DistinguishedName subject;
  DistinguishedName issuer;
  Bytes serial;  // contents octets, taken as they are; empty: derive_serial() of `key`
  UtcTime not_before{};
  UtcTime not_after{};
  // The extensions, in Intel's order; what is not set is left out.
  std::optional<std::string> authority_key;  // whose key identifier stands in the AKI
  std::string crl_distribution_point;        // a URI; left out when empty
  bool subject_key_identifier = true;
  std::optional<uint16_t> key_usage;                        // as in x509::Certificate; critical
  std::optional<x509::BasicConstraints> basic_constraints;  // critical
  std::optional<x509::SgxExtension> sgx_extension;
  Bytes more_extensions;  // encoded Extensions, which stand behind the others
};

// The key identifier of that key, in certificates and CRLs: the first 160 bits of the SHA-256 of
// its point (RFC 7093, section 2, method 1).
ByteArray<20> key_identifier(const Seed& seed, std::string_view key_label);

// authorityKeyIdentifier with that key's identifier.
Bytes der_authority_key_identifier(const Seed& seed, std::string_view key_label);

// SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING signature }: how certificates and CRLs are
// signed. `tbs` is the encoded structure that is signed.
Bytes der_signed(const Seed& seed, std::string_view key_label, ByteView tbs);

// The certificate in DER.
Bytes write_certificate(const Seed& seed, const CertificateSettings& settings);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_CERTIFICATE_WRITER_H_
