// Puts a bundle of collateral together from what a service answers (docs/formats.md). The bytes
// that are signed stay what they are.

#ifndef QUOIN_SRC_PCS_BUNDLE_H_
#define QUOIN_SRC_PCS_BUNDLE_H_

#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::pcs {

// A part that Intel signs: the service's answer, {"tcbInfo": {...}, "signature": "..."} or
// {"enclaveIdentity": ...}, and the chain of who signed it, in PEM.
struct SignedAnswer {
  std::string answer;
  std::string issuer_chain;
};

struct BundleParts {
  SignedAnswer tcb_info;
  SignedAnswer qe_identity;
  Bytes pck_crl;  // DER
  std::string pck_crl_issuer_chain;
  Bytes root_ca_crl;  // DER
  // Where it comes from, and since when: for people, and for the cache. Nothing vouches for either.
  // Left out where there is no source.
  std::string source;
  UtcTime fetched_at{};
};

// The bundle, which Collateral::parse() has accepted. Fails as that does, and with malformed where
// an answer is not what the service answers.
Result<Bytes> write_bundle(const BundleParts& parts);

// When and where from a bundle was fetched, by its own word. Fails with malformed or not_found.
struct Provenance {
  std::string source;
  UtcTime fetched_at{};
};
Result<Provenance> read_provenance(ByteView bundle);

// A CRL in DER, PEM, hex or Base64, as DER. Blanks and line breaks at the ends are ignored. The CRL
// itself is not looked at. Fails with malformed.
Result<Bytes> decode_crl(ByteView encoded);

// The last second until which the parts say that they hold: the earliest nextUpdate.
UtcTime next_update(const Collateral& collateral);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_BUNDLE_H_
