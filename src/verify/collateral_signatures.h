// Which signatures in a bundle of collateral hold. Mathematics only: nothing here looks at names,
// dates or trust, so that what is found holds for ever and is looked for once.

#ifndef QUOIN_SRC_VERIFY_COLLATERAL_SIGNATURES_H_
#define QUOIN_SRC_VERIFY_COLLATERAL_SIGNATURES_H_

#include <optional>

#include "src/collateral/parts.h"
#include "src/verify/key_ring.h"

namespace quoin {

// A TCB signing certificate and the root that stands beside it.
struct SigningChain {
  const x509::Certificate& signer;
  const x509::Certificate& root;
};

// The two certificates of a signing chain, which may stand in either order; nothing where there are
// not two.
std::optional<SigningChain> find_signing_chain(const x509::Chain& chain);

// A signature, and the key that it was looked at with.
struct KnownSignature {
  P256Point key{};
  bool holds = false;
};

// Of a signed JSON text and its chain.
struct SignedJsonSignatures {
  bool signer_by_root = false;
  bool text_by_signer = false;
};

struct CollateralSignatures {
  SignedJsonSignatures tcb_info;
  SignedJsonSignatures qe_identity;
  // The keys are those that the collateral itself names: the root beside TCB info, the CA beside
  // the PCK CRL. A quote whose chain has other keys must be looked at with its own.
  KnownSignature root_ca_crl;
  KnownSignature pck_crl;
  // The CA beside the PCK CRL, as that root signed it; null where there is none.
  const x509::Certificate* pck_ca = nullptr;
  KnownSignature pck_ca_by_root;
  // Every key above, ready for PCK certificates.
  KeyRing keys;
};

// The pointer in the result points into `collateral`.
CollateralSignatures look_at_signatures(const Collateral::Parts& collateral);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_COLLATERAL_SIGNATURES_H_
