#include "src/x509/certificate.h"

#include <algorithm>
#include <array>
#include <string>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/x509/der.h"
#include "src/x509/fields.h"

namespace quoin::x509 {
namespace {

constexpr size_t kMaxCertificateBytes = size_t{16} * 1024;

constexpr std::array<uint8_t, 7> kOidEcPublicKey = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
constexpr std::array<uint8_t, 8> kOidPrime256v1 = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<uint8_t, 3> kOidSubjectKeyIdentifier = {0x55, 0x1d, 0x0e};  // 2.5.29.14
constexpr std::array<uint8_t, 3> kOidKeyUsage = {0x55, 0x1d, 0x0f};              // 2.5.29.15
constexpr std::array<uint8_t, 3> kOidBasicConstraints = {0x55, 0x1d, 0x13};      // 2.5.29.19
// 1.2.840.113741.1.13.1
constexpr std::array<uint8_t, 9> kOidSgxExtension = {0x2a, 0x86, 0x48, 0x86, 0xf8,
                                                     0x4d, 0x01, 0x0d, 0x01};

constexpr uint32_t kVersion3 = 2;
constexpr uint8_t kUncompressedPoint = 0x04;  // SEC 1, 2.3.3
constexpr unsigned kKeyUsageBits = 9;

// version [0] EXPLICIT Version DEFAULT v1 (RFC 5280, 4.1.2.1). Must be v3.
Result<void> expect_version_3(der::Parser& tbs) {
  const auto explicit_version = TRY(tbs.optional(der::context_constructed(0)));
  if (!explicit_version.has_value()) return unsupported("certificate: of version 1, wanted 3");
  der::Parser parser(explicit_version->contents, "certificate version");
  const uint32_t version = TRY(parser.small_unsigned());
  TRY(parser.finish());
  if (version != kVersion3) {
    return unsupported("certificate: version number " + std::to_string(version) + ", wanted 2");
  }
  return {};
}

// SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
// with id-ecPublicKey and namedCurve prime256v1 (RFC 5480, 2.1.1), and ECPoint (2.2) in its
// uncompressed form: X || Y. Not checked: that the point is on the curve.
Result<ByteArray<64>> parse_public_key(der::Parser& tbs) {
  der::Parser info = TRY(tbs.sequence("subjectPublicKeyInfo"));
  der::Parser algorithm = TRY(info.sequence("subjectPublicKeyInfo"));
  if (!equal(TRY(algorithm.object_identifier()), kOidEcPublicKey)) {
    return unsupported("subjectPublicKeyInfo: not an elliptic curve key");
  }
  if (!equal(TRY(algorithm.object_identifier()), kOidPrime256v1)) {
    return unsupported("subjectPublicKeyInfo: not on the curve P-256");
  }
  TRY(algorithm.finish());
  Reader point(TRY(info.octet_aligned_bit_string()), "subjectPublicKey");
  TRY(info.finish());
  if (TRY(point.u8()) != kUncompressedPoint) {
    return unsupported("subjectPublicKey: not an uncompressed point");
  }
  ByteArray<64> key{};
  TRY(point.fill(key));
  TRY(point.finish());
  return key;
}

// BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE,
//                                 pathLenConstraint INTEGER (0..MAX) OPTIONAL } (RFC 5280, 4.2.1.9)
Result<BasicConstraints> parse_basic_constraints(ByteView value) {
  der::Parser outer(value, "basicConstraints");
  der::Parser fields = TRY(outer.sequence("basicConstraints"));
  TRY(outer.finish());
  BasicConstraints constraints;
  constraints.ca = TRY(parse_default_false(fields));
  if (fields.empty()) return constraints;
  constraints.path_length = TRY(fields.small_unsigned());
  TRY(fields.finish());
  if (!constraints.ca) return malformed("basicConstraints: a path length without cA");
  return constraints;
}

// KeyUsage ::= BIT STRING { digitalSignature (0), ... decipherOnly (8) } (RFC 5280, 4.2.1.3): bit n
// as bit n. A list of named bits ends with its last one bit (X.690, 11.2.2), and at least one bit
// is set (RFC 5280, 4.2.1.3).
Result<uint16_t> parse_key_usage(ByteView value) {
  der::Parser outer(value, "keyUsage");
  Reader contents(TRY(outer.expect(der::Tag::bit_string)).contents, "keyUsage");
  TRY(outer.finish());
  const uint8_t unused_bits = TRY(contents.u8());
  const ByteView octets = contents.rest();
  if (unused_bits > 7 || octets.empty()) return malformed("keyUsage: no bits");
  if (octets.size() > 2 || octets.size() * 8 - unused_bits > kKeyUsageBits) {
    return malformed("keyUsage: more than 9 bits");
  }
  const unsigned last_bit = 1u << unused_bits;
  if ((octets.back() & last_bit) == 0) return malformed("keyUsage: does not end with a one bit");
  if ((octets.back() & (last_bit - 1)) != 0) return malformed("keyUsage: unused bits are set");
  unsigned usage = 0;
  for (unsigned bit = 0; bit < octets.size() * 8; ++bit) {
    if ((octets[bit / 8] >> (7 - bit % 8) & 1) != 0) usage |= 1u << bit;
  }
  return static_cast<uint16_t>(usage);
}

// SubjectKeyIdentifier ::= KeyIdentifier, an OCTET STRING (RFC 5280, 4.2.1.2).
Result<ByteView> parse_subject_key_identifier(ByteView value) {
  der::Parser outer(value, "subjectKeyIdentifier");
  const ByteView identifier = TRY(outer.expect(der::Tag::octet_string)).contents;
  TRY(outer.finish());
  if (identifier.empty()) return malformed("subjectKeyIdentifier: empty");
  return identifier;
}

// extensions [3] EXPLICIT Extensions (RFC 5280, 4.1.2.9).
Result<void> parse_extensions(ByteView explicit_contents, Certificate& certificate) {
  auto extensions = TRY(ExtensionParser::open(explicit_contents, "certificate extensions"));
  while (!extensions.empty()) {
    const Extension extension = TRY(extensions.next());
    if (extension.is(kOidBasicConstraints)) {
      certificate.basic_constraints = TRY(parse_basic_constraints(extension.value));
    } else if (extension.is(kOidKeyUsage)) {
      certificate.key_usage = TRY(parse_key_usage(extension.value));
    } else if (extension.is(kOidSubjectKeyIdentifier)) {
      certificate.subject_key_identifier = TRY(parse_subject_key_identifier(extension.value));
    } else if (extension.is(kOidAuthorityKeyIdentifier)) {
      certificate.authority_key_identifier = TRY(parse_authority_key_identifier(extension.value));
    } else if (extension.is(kOidSgxExtension)) {
      if (extension.value.empty()) return malformed("SGX extension: empty");
      certificate.sgx_extension = extension.value;
    } else if (extension.critical) {
      return unknown_critical(extension);
    }
  }
  return {};
}

}  // namespace

// TBSCertificate ::= SEQUENCE {
//   version [0] EXPLICIT Version DEFAULT v1, serialNumber CertificateSerialNumber,
//   signature AlgorithmIdentifier, issuer Name, validity Validity, subject Name,
//   subjectPublicKeyInfo SubjectPublicKeyInfo, issuerUniqueID [1] IMPLICIT UniqueIdentifier
//   OPTIONAL, subjectUniqueID [2] IMPLICIT UniqueIdentifier OPTIONAL, extensions [3] EXPLICIT
//   Extensions OPTIONAL }
// Validity ::= SEQUENCE { notBefore Time, notAfter Time }
// (RFC 5280, 4.1). Unique identifiers, which conforming CAs do not make (4.1.2.8), are refused.
Result<Certificate> parse_certificate(ByteView der) {
  if (der.size() > kMaxCertificateBytes) return too_large("certificate: over 16 KiB");
  Signed parts = TRY(parse_signed(der, "certificate"));
  der::Parser& tbs = parts.fields;

  Certificate certificate;
  certificate.encoded = der;
  certificate.tbs = parts.tbs;
  certificate.signature = parts.signature;
  TRY(expect_version_3(tbs));
  certificate.serial = TRY(parse_serial(tbs));
  TRY(expect_ecdsa_with_sha256(tbs));
  certificate.issuer = TRY(parse_name(tbs));
  der::Parser validity = TRY(tbs.sequence("certificate validity"));
  certificate.not_before = TRY(validity.time());
  certificate.not_after = TRY(validity.time());
  TRY(validity.finish());
  certificate.subject = TRY(parse_name(tbs));
  certificate.public_key = TRY(parse_public_key(tbs));
  if (TRY(tbs.optional(der::context_primitive(1))).has_value() ||
      TRY(tbs.optional(der::context_primitive(2))).has_value()) {
    return unsupported("certificate: has a unique identifier");
  }
  const auto extensions = TRY(tbs.optional(der::context_constructed(3)));
  if (extensions.has_value()) TRY(parse_extensions(extensions->contents, certificate));
  TRY(tbs.finish());
  return certificate;
}

}  // namespace quoin::x509
