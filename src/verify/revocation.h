// Whether CRLs are what they say, and what they revoke (QVL PckCrlVerifier, PckCertVerifier).

#ifndef QUOIN_SRC_VERIFY_REVOCATION_H_
#define QUOIN_SRC_VERIFY_REVOCATION_H_

#include "src/collateral/parts.h"
#include "src/verify/certificates.h"
#include "src/verify/check_list.h"
#include "src/verify/collateral_signatures.h"

namespace quoin {

// Looks at both CRLs, each issued by the certificate in the chain that it answers for, and at
// whether they revoke the PCK certificate or its CA. `signatures` are the collateral's.
void check_revocation(CheckList& checks, const PckChain& chain, const Collateral::Parts& collateral,
                      const CollateralSignatures& signatures, UtcTime now);

// Whether `crl`, the list of the certificate's issuer, leaves the certificate alone.
bool check_not_revoked(CheckList& checks, const Rule& rule, const x509::Certificate& certificate,
                       const x509::Crl& crl);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_REVOCATION_H_
