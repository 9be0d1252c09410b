#include "src/pcs/serves.h"

#include <utility>

namespace quoin::pcs {

bool serves(Verifier& verifier, const Quote& quote, const PreparedCollateral& collateral,
            UtcTime now) {
  return verifier.refuse_without_collateral(quote, now).has_value() ||
         verifier.verify(quote, collateral, now).genuine;
}

std::function<bool(Collateral)> serves(Verifier& verifier, const Quote& quote, UtcTime now) {
  return [&verifier, &quote, now](Collateral collateral) {
    return serves(verifier, quote, PreparedCollateral(std::move(collateral)), now);
  };
}

}  // namespace quoin::pcs
