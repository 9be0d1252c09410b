// Whether TCB info and QE identity are Intel's, and hold now (QVL TCBInfoVerifier,
// EnclaveIdentityVerifier).

#ifndef QUOIN_SRC_VERIFY_SIGNED_COLLATERAL_H_
#define QUOIN_SRC_VERIFY_SIGNED_COLLATERAL_H_

#include "src/collateral/parts.h"
#include "src/verify/check_list.h"
#include "src/verify/collateral_signatures.h"

namespace quoin {

// Looks at TCB info: the chain that signs it up to `trusted_root` (null: to none), whether the
// signer is revoked, the signature over the exact bytes, names that stand twice, and the dates.
// `signatures` are the collateral's.
void check_tcb_info_signed(CheckList& checks, const Collateral::Parts& collateral,
                           const CollateralSignatures& signatures, UtcTime now,
                           const TrustRoot* trusted_root);

// The same of QE identity.
void check_qe_identity_signed(CheckList& checks, const Collateral::Parts& collateral,
                              const CollateralSignatures& signatures, UtcTime now,
                              const TrustRoot* trusted_root);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_SIGNED_COLLATERAL_H_
