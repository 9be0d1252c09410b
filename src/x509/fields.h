// What certificates and CRLs have in common (RFC 5280, 4.1 and 5.1). For this folder only.

#ifndef QUOIN_SRC_X509_FIELDS_H_
#define QUOIN_SRC_X509_FIELDS_H_

#include <array>
#include <cstddef>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/x509/certificate.h"
#include "src/x509/der.h"

namespace quoin::x509 {

// Contents octets of the object identifiers that both read.
inline constexpr std::array<uint8_t, 3> kOidAuthorityKeyIdentifier = {0x55, 0x1d,
                                                                      0x23};  // 2.5.29.35

// BOOLEAN DEFAULT FALSE: absent, or TRUE as DER writes it, since a default value is left out
// (X.690, 11.1 and 11.5).
Result<bool> parse_default_false(der::Parser& parser);

// The three parts of
//   Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }
//   CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue BIT STRING }
// (RFC 5280, 4.1 and 5.1).
struct Signed {
  ByteView tbs;               // with tag and length: what is signed
  ByteArray<64> signature{};  // r || s
  der::Parser fields;         // the contents of the first part
};

// Reads the whole of `der`, which must be signed with ecdsa-with-SHA256 (else unsupported). What
// `fields` reads is called `what`, which must outlive it.
Result<Signed> parse_signed(ByteView der, std::string_view what);

// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }
// (RFC 5280, 4.1.1.2). Must be ecdsa-with-SHA256, whose parameters are absent (RFC 5758, 3.2); else
// unsupported. Since there is only this one encoding, two that pass are equal.
Result<void> expect_ecdsa_with_sha256(der::Parser& parser);

// CertificateSerialNumber ::= INTEGER (RFC 5280, 4.1.2.2): the contents octets, of a number of at
// most 20 octets, which takes a 21st, zero, when its first bit is set. Not checked: that the number
// is positive.
Result<ByteView> parse_serial(der::Parser& parser);

// Name ::= RDNSequence, a SEQUENCE OF RelativeDistinguishedName, each a SET SIZE (1..MAX) OF
// SEQUENCE { type OBJECT IDENTIFIER, value ANY } (RFC 5280, 4.1.2.4).
//
// Narrower than that: one to 16 RDNs of one attribute each, and the value a UTF8String,
// PrintableString or IA5String of printable ASCII, of 1 to 256 characters; others are unsupported.
// Two common names are malformed. Not checked: the smaller alphabet of PrintableString, and the
// upper bounds of the single attributes.
Result<Name> parse_name(der::Parser& parser);

// Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE,
//                          extnValue OCTET STRING } (RFC 5280, 4.1)
struct Extension {
  ByteView id;  // contents octets
  bool critical = false;
  ByteView value;  // the contents of the OCTET STRING

  bool is(ByteView object_identifier) const { return equal(id, object_identifier); }
};

// A cursor over
//   Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension (RFC 5280, 4.1)
// that refuses one that stands twice (4.2), more than 16 of them (too_large), and a value over 4
// KiB (too_large).
class ExtensionParser {
 public:
  // Takes the SEQUENCE, which must be all of `contents`. `what` must outlive the parser.
  static Result<ExtensionParser> open(ByteView contents, std::string_view what);

  bool empty() const { return parser_.empty(); }
  Result<Extension> next();

  static constexpr size_t kMaxExtensions = 16;
  static constexpr size_t kMaxValueBytes = 4096;

 private:
  explicit ExtensionParser(const der::Parser& parser) : parser_(parser) {}

  der::Parser parser_;
  std::array<ByteView, kMaxExtensions> seen_{};
  size_t count_ = 0;
};

// AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING OPTIONAL,
//   authorityCertIssuer [1] GeneralNames OPTIONAL, authorityCertSerialNumber [2] INTEGER OPTIONAL }
// (RFC 5280, 4.2.1.1): the key identifier, empty where there is none. The other two, which Intel's
// certificates do not have, are unsupported.
Result<ByteView> parse_authority_key_identifier(ByteView value);

// What is refused for an extension that is critical and that we do not know (RFC 5280, 4.2).
Error unknown_critical(const Extension& extension);

}  // namespace quoin::x509

#endif  // QUOIN_SRC_X509_FIELDS_H_
