// What a bundle of collateral is made of.

#ifndef QUOIN_SRC_COLLATERAL_PARTS_H_
#define QUOIN_SRC_COLLATERAL_PARTS_H_

#include "quoin/collateral.h"
#include "src/crypto/p256.h"
#include "src/x509/chain.h"
#include "src/x509/crl.h"

namespace quoin {

// A JSON text as it was signed, the signature over exactly these bytes, and the chain of the
// certificate that signed it (signing certificate first, root last, if the chain is in order:
// nothing here has looked). Holds at least one certificate.
struct SignedJson {
  Bytes signed_bytes;
  P256Signature signature{};
  x509::Chain issuer_chain;
};

// A CRL and the bytes that it points into. Movable, not copyable: a copy's views would point into
// the original's bytes.
struct OwnedCrl {
  OwnedCrl() = default;
  OwnedCrl(OwnedCrl&&) noexcept = default;
  OwnedCrl& operator=(OwnedCrl&&) noexcept = default;
  OwnedCrl(const OwnedCrl&) = delete;
  OwnedCrl& operator=(const OwnedCrl&) = delete;

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
