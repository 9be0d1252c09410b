#include "src/verify/revocation.h"

#include <string>

#include "src/base/hex.h"
#include "src/base/text.h"
#include "src/verify/rules.h"

namespace quoin {
namespace {

// The rules for a CRL: the same rules under two names.
struct CrlRules {
  const Rule& issuer;
  const Rule& extensions;
  const Rule& signature;
  const Rule& not_expired;
  const Rule& not_before;
};

constexpr CrlRules kRootCaCrlRules = {
    rules::kRootCaCrlIssuer,     rules::kRootCaCrlExtensions, rules::kRootCaCrlSignature,
    rules::kRootCaCrlNotExpired, rules::kRootCaCrlNotBefore,
};

constexpr CrlRules kPckCrlRules = {
    rules::kPckCrlIssuer,     rules::kPckCrlExtensions, rules::kPckCrlSignature,
    rules::kPckCrlNotExpired, rules::kPckCrlNotBefore,
};

// What collateral knows of the signature counts where it speaks of the same key.
bool is_crl_signed_by(const x509::Certificate& issuer, const x509::Crl& crl,
                      const KnownSignature& known) {
  if (known.key == issuer.public_key) return known.holds;
  return is_signed_by(issuer, crl.tbs, crl.signature);
}

void check_crl(CheckList& checks, const CrlRules& rules, const x509::Crl& crl,
               const x509::Certificate& issuer, const KnownSignature& known, UtcTime now) {
  checks.add(rules.issuer, crl.issuer == issuer.subject, [&] {
    return CheckText{in_quotes(crl.issuer.common_name), in_quotes(issuer.subject.common_name)};
  });
  const bool has_extensions = crl.crl_number && !crl.authority_key_identifier.empty();
  checks.add(rules.extensions, has_extensions, [&] {
    return CheckText{has_extensions ? "both there" : "one is missing",
                     "CRL number and authority key identifier"};
  });
  const bool is_signed = is_crl_signed_by(issuer, crl, known);
  checks.add(rules.signature, is_signed,
             [&] { return CheckText{is_signed ? "holds" : "does not hold", "holds"}; });
  checks.not_expired(rules.not_expired, crl.next_update, now);
  checks.not_before(rules.not_before, crl.this_update, now);
}

}  // namespace

void check_revocation(CheckList& checks, const PckChain& chain, const Collateral::Parts& collateral,
                      const CollateralSignatures& signatures, UtcTime now) {
  check_crl(checks, kRootCaCrlRules, collateral.root_ca_crl.crl, chain.root, signatures.root_ca_crl,
            now);
  check_crl(checks, kPckCrlRules, collateral.pck_crl.crl, chain.ca, signatures.pck_crl, now);
  check_not_revoked(checks, rules::kPckCaNotRevoked, chain.ca, collateral.root_ca_crl.crl);
  check_not_revoked(checks, rules::kPckNotRevoked, chain.pck, collateral.pck_crl.crl);
}

bool check_not_revoked(CheckList& checks, const Rule& rule, const x509::Certificate& certificate,
                       const x509::Crl& crl) {
  const bool revoked = crl.is_revoked(certificate.serial);
  return checks.add(rule, !revoked, [&] {
    return CheckText{"serial number " + to_hex(certificate.serial) +
                         (revoked ? " is revoked" : " is not revoked"),
                     "not on the list of " + std::to_string(crl.revoked.size())};
  });
}

}  // namespace quoin
