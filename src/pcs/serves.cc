#include "src/pcs/serves.h"

#include <utility>

namespace quoin::pcs {

std::function<bool(Collateral)> serves(Verifier& verifier, const Quote& quote, UtcTime now) {
  return [&verifier, &quote, now](Collateral collateral) {
    return verifier.refuse_without_collateral(quote, now).has_value() ||
           verifier.verify(quote, PreparedCollateral(std::move(collateral)), now).genuine;
  };
}

}  // namespace quoin::pcs
