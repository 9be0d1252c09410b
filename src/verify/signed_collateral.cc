#include "src/verify/signed_collateral.h"

#include "src/verify/certificates.h"
#include "src/verify/revocation.h"
#include "src/verify/rules.h"

namespace quoin {
namespace {

// The rules for a signed JSON text: the same rules under two names.
struct SignedJsonRules {
  SigningChainRules chain;
  const Rule& signer_not_revoked;
  const Rule& signature;
  const Rule& not_expired;
  const Rule& not_before;
};

constexpr SignedJsonRules kTcbInfoRules = {
    {rules::kTcbInfoChain, rules::kTcbInfoChainRoot, rules::kTcbInfoChainSignature,
     rules::kTcbInfoChainNotExpired, rules::kTcbInfoChainNotBefore},
    rules::kTcbInfoSignerNotRevoked,
    rules::kTcbInfoSignature,
    rules::kTcbInfoNotExpired,
    rules::kTcbInfoNotBefore,
};

constexpr SignedJsonRules kQeIdentityRules = {
    {rules::kQeIdentityChain, rules::kQeIdentityChainRoot, rules::kQeIdentityChainSignature,
     rules::kQeIdentityChainNotExpired, rules::kQeIdentityChainNotBefore},
    rules::kQeIdentitySignerNotRevoked,
    rules::kQeIdentitySignature,
    rules::kQeIdentityNotExpired,
    rules::kQeIdentityNotBefore,
};

void check_signed_json(CheckList& checks, const SignedJsonRules& rules, const SignedJson& text,
                       const SignedJsonSignatures& signatures, UtcTime issue_date,
                       UtcTime next_update, const x509::Crl& root_ca_crl, UtcTime now,
                       const TrustRoot* trusted_root) {
  const x509::Certificate* signer = check_signing_chain(
      checks, rules.chain, text.issuer_chain, signatures.signer_by_root, now, trusted_root);
  if (signer == nullptr) return;
  check_not_revoked(checks, rules.signer_not_revoked, *signer, root_ca_crl);
  checks.add(rules.signature, signatures.text_by_signer, [&] {
    return CheckText{signatures.text_by_signer ? "holds" : "does not hold", "holds"};
  });
  checks.not_expired(rules.not_expired, next_update, now);
  checks.not_before(rules.not_before, issue_date, now);
}

}  // namespace

void check_tcb_info_signed(CheckList& checks, const Collateral::Parts& collateral,
                           const CollateralSignatures& signatures, UtcTime now,
                           const TrustRoot* trusted_root) {
  check_signed_json(checks, kTcbInfoRules, collateral.tcb_info_signed, signatures.tcb_info,
                    collateral.tcb_info.issue_date, collateral.tcb_info.next_update,
                    collateral.root_ca_crl.crl, now, trusted_root);
}

void check_qe_identity_signed(CheckList& checks, const Collateral::Parts& collateral,
                              const CollateralSignatures& signatures, UtcTime now,
                              const TrustRoot* trusted_root) {
  check_signed_json(checks, kQeIdentityRules, collateral.qe_identity_signed, signatures.qe_identity,
                    collateral.qe_identity.issue_date, collateral.qe_identity.next_update,
                    collateral.root_ca_crl.crl, now, trusted_root);
}

}  // namespace quoin
