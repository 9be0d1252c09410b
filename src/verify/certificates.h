// Whether certificates are what they say, under a trusted root (QVL PckCertVerifier,
// TCBSigningChain).

#ifndef QUOIN_SRC_VERIFY_CERTIFICATES_H_
#define QUOIN_SRC_VERIFY_CERTIFICATES_H_

#include <array>
#include <span>
#include <vector>

#include "quoin/verify.h"
#include "src/verify/check_list.h"
#include "src/x509/chain.h"

namespace quoin {

// PCK certificate, the CA that signed it, and the root.
struct PckChain {
  const x509::Certificate& pck;
  const x509::Certificate& ca;
  const x509::Certificate& root;
};

// The three certificates of a PCK chain, which may stand in any order, by what they are: the root
// issued itself, the PCK certificate has Intel's SGX extension. Where that does not tell them apart
// they are taken in the order PCK certificate, CA, root, for the checks to refuse.
PckChain find_pck_chain(const std::array<const x509::Certificate*, 3>& three);
PckChain find_pck_chain(const std::vector<x509::Certificate>& three);

// Which signatures in a PCK chain hold.
struct PckChainSignatures {
  bool ca_by_root = false;
  bool pck_by_ca = false;
};

// Looks at the names, constraints, root, signatures and dates of a PCK chain. Returns the trusted
// root that it ends in; null when it ends in none.
const TrustRoot* check_pck_chain(CheckList& checks, const PckChain& chain,
                                 const PckChainSignatures& signatures, UtcTime now,
                                 std::span<const TrustRoot> trust_roots);

// The rules for the chain of what signs TCB info or QE identity: the same rules under two names.
struct SigningChainRules {
  const Rule& chain;
  const Rule& root;
  const Rule& signature;
  const Rule& not_expired;
  const Rule& not_before;
};

// Looks at a chain of a TCB signing certificate and the root, which must be `trusted_root` (null:
// no root is). `is_signed` is whether the root's key signed the signer's certificate. Returns the
// signing certificate; null when there is none to speak of.
const x509::Certificate* check_signing_chain(CheckList& checks, const SigningChainRules& rules,
                                             const x509::Chain& chain, bool is_signed, UtcTime now,
                                             const TrustRoot* trusted_root);

// Whether a certificate names itself as its issuer: a root, if it signed itself too.
bool is_self_issued(const x509::Certificate& certificate);

// Whether the key in `issuer` made `signature` over `message`. Nothing is remembered.
bool is_signed_by(const x509::Certificate& issuer, ByteView message,
                  const ByteArray<64>& signature);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_CERTIFICATES_H_
