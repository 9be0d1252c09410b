#include "quoin/verify.h"

#include "src/verify/check_list.h"
#include "src/verify/judge.h"

namespace quoin {

const Check* Verdict::reason() const { return first_refusal(checks); }

Verdict verify_quote(const Quote& quote, const Collateral& collateral, UtcTime now,
                     std::span<const TrustRoot> trust_roots) {
  const CollateralSignatures signatures = look_at_signatures(collateral.parts());
  const Result<QuotedPlatform> platform = read_quoted_platform(quote, signatures, nullptr);
  if (!platform.ok()) return refuse_certification_data(platform.error(), Detail::every_check);
  return judge({quote, collateral.parts(), signatures, now, trust_roots}, *platform,
               Detail::every_check);
}

}  // namespace quoin
