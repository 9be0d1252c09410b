#include "src/verify/signed_collateral.h"

#include <optional>
#include <string>
#include <string_view>

#include "src/base/text.h"
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
  const Rule& unique_keys;
  const Rule& not_expired;
  const Rule& not_before;
};

constexpr SignedJsonRules kTcbInfoRules = {
    {rules::kTcbInfoChain, rules::kTcbInfoChainRoot, rules::kTcbInfoChainSignature,
     rules::kTcbInfoChainNotExpired, rules::kTcbInfoChainNotBefore},
    rules::kTcbInfoSignerNotRevoked,
    rules::kTcbInfoSignature,
    rules::kTcbInfoUniqueKeys,
    rules::kTcbInfoNotExpired,
    rules::kTcbInfoNotBefore,
};

constexpr SignedJsonRules kQeIdentityRules = {
    {rules::kQeIdentityChain, rules::kQeIdentityChainRoot, rules::kQeIdentityChainSignature,
     rules::kQeIdentityChainNotExpired, rules::kQeIdentityChainNotBefore},
    rules::kQeIdentitySignerNotRevoked,
    rules::kQeIdentitySignature,
    rules::kQeIdentityUniqueKeys,
    rules::kQeIdentityNotExpired,
    rules::kQeIdentityNotBefore,
};

void check_unique_keys(CheckList& checks, const Rule& rule,
                       const std::optional<std::string>& repeated_name) {
  constexpr size_t kMaxShownName = 64;
  checks.add(rule, !repeated_name, [&] {
    return CheckText{repeated_name
                         ? in_quotes(shown(*repeated_name, kMaxShownName)) + " stands twice"
                         : "each stands once",
                     "each name once in an object"};
  });
}

// `contents` is what the text says: a TcbInfo or a QeIdentity.
template <typename Contents>
void check_signed_json(CheckList& checks, const SignedJsonRules& rules, const SignedJson& text,
                       const Contents& contents, const SignedJsonSignatures& signatures,
                       const x509::Crl& root_ca_crl, UtcTime now, const TrustRoot* trusted_root) {
  const x509::Certificate* signer = check_signing_chain(
      checks, rules.chain, text.issuer_chain, signatures.signer_by_root, now, trusted_root);
  if (signer == nullptr) return;
  check_not_revoked(checks, rules.signer_not_revoked, *signer, root_ca_crl);
  checks.add(rules.signature, signatures.text_by_signer, [&] {
    return CheckText{signatures.text_by_signer ? "holds" : "does not hold", "holds"};
  });
  check_unique_keys(checks, rules.unique_keys, contents.repeated_name);
  checks.not_expired(rules.not_expired, contents.next_update, now);
  checks.not_before(rules.not_before, contents.issue_date, now);
}

}  // namespace

void check_tcb_info_signed(CheckList& checks, const Collateral::Parts& collateral,
                           const CollateralSignatures& signatures, UtcTime now,
                           const TrustRoot* trusted_root) {
  check_signed_json(checks, kTcbInfoRules, collateral.tcb_info_signed, collateral.tcb_info,
                    signatures.tcb_info, collateral.root_ca_crl.crl, now, trusted_root);
}

void check_qe_identity_signed(CheckList& checks, const Collateral::Parts& collateral,
                              const CollateralSignatures& signatures, UtcTime now,
                              const TrustRoot* trusted_root) {
  check_signed_json(checks, kQeIdentityRules, collateral.qe_identity_signed, collateral.qe_identity,
                    signatures.qe_identity, collateral.root_ca_crl.crl, now, trusted_root);
}

}  // namespace quoin
