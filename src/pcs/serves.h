// Which collateral of the cache serves a quote.

#ifndef QUOIN_SRC_PCS_SERVES_H_
#define QUOIN_SRC_PCS_SERVES_H_

#include <functional>

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/time.h"
#include "quoin/verifier.h"

namespace quoin::pcs {

// CacheRules::serves, for that quote: what it is genuine with serves it. Where no collateral could
// mend a quote any serves: for what a stranger made up nothing is fetched anew. Verifier and quote
// are borrowed.
std::function<bool(Collateral)> serves(Verifier& verifier, const Quote& quote, UtcTime now);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_SERVES_H_
