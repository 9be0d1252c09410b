// The platform that a quote speaks for, as its certification data and its QE report give it.

#ifndef QUOIN_SRC_VERIFY_QUOTED_PLATFORM_H_
#define QUOIN_SRC_VERIFY_QUOTED_PLATFORM_H_

#include <memory>
#include <optional>
#include <string_view>

#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/crypto/p256.h"
#include "src/crypto/sha2.h"
#include "src/verify/certificates.h"
#include "src/verify/collateral_signatures.h"
#include "src/x509/chain.h"
#include "src/x509/sgx_extension.h"

namespace quoin {

// Certificates, and which signatures of theirs and of the QE report hold. Mathematics only, as in
// src/verify/collateral_signatures.h: it holds for every quote with the same certification data, QE
// report and attestation key. Owns what it refers to. Immutable use is thread-safe.
struct QuotedPlatform {
  x509::Chain first;                          // of the three certificates, as they stand: one
  std::shared_ptr<const x509::Chain> others;  // two, which platforms have in common
  Result<x509::SgxExtension> sgx_extension;
  PckChainSignatures pck_chain_signatures;
  bool qe_report_by_pck = false;
  std::optional<P256PublicKey> attestation_key;  // nothing when it is not on the curve

  PckChain pck_chain() const;
};

// Reads certification data of type 5 and looks at the signatures. What `collateral` knows of the CA
// saves one of three. `others` are the certificates that shared_certificates() stands for, where
// they have been read before; else null. Fails with malformed, truncated, trailing_bytes, too_large
// or unsupported (another type of certification data, or not three certificates); `what` says what
// was seen.
Result<QuotedPlatform> read_quoted_platform(const Quote& quote,
                                            const CollateralSignatures& collateral,
                                            std::shared_ptr<const x509::Chain> others);

// What stands behind the first certificate: the CA and the root, as a rule, which are the same for
// many platforms. Empty where the certification data are not certificates.
std::string_view shared_certificates(const Quote& quote);

// The digest of everything that read_quoted_platform() reads of a quote.
Sha256Digest platform_key(const Quote& quote);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_QUOTED_PLATFORM_H_
