// Whether the quoting enclave is Intel's, runs on this platform, and made the quote (QVL
// QuoteVerifier 4.1.2.5.13 to 17, EnclaveReportVerifier).

#ifndef QUOIN_SRC_VERIFY_QUOTING_ENCLAVE_H_
#define QUOIN_SRC_VERIFY_QUOTING_ENCLAVE_H_

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "src/crypto/p256.h"
#include "src/verify/check_list.h"

namespace quoin {

// Looks at the QE report: whether the PCK signed it, which `is_signed` says, and what binds the
// attestation key to it.
void check_qe_report(CheckList& checks, const Quote& quote, bool is_signed);

// Looks at who the QE is. Returns whether `identity` is of the kind that this quote needs.
bool check_qe_identity(CheckList& checks, const Quote& quote, const QeIdentity& identity);

// Looks at the quote's signature by the attestation key; null when that is not on the curve.
void check_quote_signature(CheckList& checks, const Quote& quote, const P256PublicKey* key);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_QUOTING_ENCLAVE_H_
