// Which collateral of the cache serves a quote.

#ifndef QUOIN_SRC_PCS_SERVES_H_
#define QUOIN_SRC_PCS_SERVES_H_

#include <functional>

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/time.h"
#include "quoin/verifier.h"

namespace quoin::pcs {

// Whether the quote is genuine with that collateral. Where no collateral could mend a quote any
// serves: for what a stranger made up nothing is fetched anew.
bool serves(Verifier& verifier, const Quote& quote, const PreparedCollateral& collateral,
            UtcTime now);

// CacheRules::serves, for that quote. Verifier and quote are borrowed.
std::function<bool(Collateral)> serves(Verifier& verifier, const Quote& quote, UtcTime now);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_SERVES_H_
