// What is read as a QE identity has levels in one order, whatever order the text had, and says
// whether the text has a name twice in an object.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <tuple>

#include "fuzz/require.h"
#include "quoin/collateral.h"
#include "src/base/json.h"
#include "src/collateral/json_object.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  const auto identity = quoin::parse_qe_identity({data, size});
  if (!identity.ok()) return 0;
  require(identity->repeated_name.has_value() !=
          quoin::JsonDocument::parse({data, size}, quoin::kSignedJsonLimits).ok());
  // Strictly descending: no level stands before one that is at least as high.
  const auto not_below = [](const quoin::IsvSvnTcbLevel& a, const quoin::IsvSvnTcbLevel& b) {
    return std::tie(a.isv_svn, a.tcb_date) <= std::tie(b.isv_svn, b.tcb_date);
  };
  require(!identity->tcb_levels.empty());
  require(std::ranges::adjacent_find(identity->tcb_levels, not_below) ==
          identity->tcb_levels.end());
  return 0;
}
