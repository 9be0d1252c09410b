// What a bundle of collateral is made of.

#ifndef QUOIN_SRC_COLLATERAL_PARTS_H_
#define QUOIN_SRC_COLLATERAL_PARTS_H_

#include "quoin/collateral.h"
#include "src/crypto/p256.h"
#include "src/x509/chain.h"
#include "src/x509/crl.h"

namespace quoin {

// A JSON text as it was signed, the signature over exactly these bytes, and the chain of the
// certificate that signed it (signing certificate first, root last).
struct SignedJson {
  Bytes signed_bytes;
  P256Signature signature{};
  x509::Chain issuer_chain;
};

// A CRL and the bytes that it points into.
struct OwnedCrl {
  Bytes encoded;
  x509::Crl crl;
};

struct Collateral::Parts {
  OwnedCrl root_ca_crl;
  OwnedCrl pck_crl;
  x509::Chain pck_crl_issuer_chain;
  SignedJson tcb_info_signed;
  TcbInfo tcb_info;
  SignedJson qe_identity_signed;
  QeIdentity qe_identity;
};

}  // namespace quoin

#endif  // QUOIN_SRC_COLLATERAL_PARTS_H_
