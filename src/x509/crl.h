// Certificate revocation lists (RFC 5280, section 5.1): what the bytes say.

#ifndef QUOIN_SRC_X509_CRL_H_
#define QUOIN_SRC_X509_CRL_H_

#include <optional>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/x509/certificate.h"

namespace quoin::x509 {

// A CRL of version 2, signed with ecdsa-with-SHA256. The views point into the bytes that were
// parsed, which must outlive it.
struct Crl {
  ByteView encoded;
  ByteView tbs;               // tbsCertList, with tag and length: what is signed
  ByteArray<64> signature{};  // r || s
  Name issuer;
  UtcTime this_update{};
  UtcTime next_update{};               // Intel's always have it: a CRL without is refused
  std::vector<ByteView> revoked;       // serial numbers' contents octets, sorted
  std::optional<ByteView> crl_number;  // 5.2.3, the INTEGER's contents octets
  ByteView authority_key_identifier;   // 5.2.1, keyIdentifier; empty where there is none

  // Whether the serial number (an INTEGER's contents octets) is on the list. O(log n).
  bool is_revoked(ByteView serial) const;
};

// Reads one CRL in DER. Fails with malformed, truncated, trailing_bytes, unsupported (a critical
// extension that we do not know; a delta or indirect CRL, an issuing distribution point), or
// too_large (over 4 MiB, 100,000 entries, or a limit of src/x509/fields.h).
Result<Crl> parse_crl(ByteView der);

}  // namespace quoin::x509

#endif  // QUOIN_SRC_X509_CRL_H_
