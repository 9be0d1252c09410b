// X.509 certificates (RFC 5280, section 4.1): what the bytes say.

#ifndef QUOIN_SRC_X509_CERTIFICATE_H_
#define QUOIN_SRC_X509_CERTIFICATE_H_

#include <optional>
#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::x509 {

// Name ::= RDNSequence (RFC 5280, 4.1.2.4). Names are compared by their encoding, as Intel does.
struct Name {
  ByteView encoded;              // with tag and length
  std::string_view common_name;  // 2.5.4.3; empty where there is none

  friend bool operator==(const Name& a, const Name& b) { return equal(a.encoded, b.encoded); }
};

// basicConstraints (RFC 5280, 4.2.1.9).
struct BasicConstraints {
  bool ca = false;
  std::optional<uint32_t> path_length;
};

// A certificate of version 3 with a P-256 key, signed with ecdsa-with-SHA256: the only kind that
// Intel's PKI has; any other is refused as unsupported. The views point into the bytes that were
// parsed, which must outlive it.
//
// Parsing refuses an extension that stands twice, and a critical one that we do not know. It does
// NOT look at whether dates make sense, whether the serial number is positive, or whether the
// signature is right.
struct Certificate {
  ByteView encoded;           // the whole certificate
  ByteView tbs;               // tbsCertificate, with tag and length: what is signed
  ByteArray<64> signature{};  // r || s
  ByteView serial;            // the INTEGER's contents octets
  Name issuer;
  Name subject;
  UtcTime not_before{};
  UtcTime not_after{};
  ByteArray<64> public_key{};  // X || Y
  std::optional<BasicConstraints> basic_constraints;
  std::optional<uint16_t>
      key_usage;  // 4.2.1.3: bit n of the BIT STRING as bit n (keyCertSign 5, cRLSign 6)
  ByteView subject_key_identifier;    // 4.2.1.2; empty where there is none
  ByteView authority_key_identifier;  // 4.2.1.1, keyIdentifier; empty where there is none
  ByteView sgx_extension;  // contents of 1.2.840.113741.1.13.1 (src/x509/sgx_extension.h); empty
                           // where there is none
};

// Reads one certificate. Fails with malformed, truncated, trailing_bytes, unsupported or too_large
// (over 16 KiB).
Result<Certificate> parse_certificate(ByteView der);

}  // namespace quoin::x509

#endif  // QUOIN_SRC_X509_CERTIFICATE_H_
