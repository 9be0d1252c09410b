// What is read as TCB info has levels in one order, whatever order the text had, and says whether
// the text has a name twice in an object.

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
  const auto info = quoin::parse_tcb_info({data, size});
  if (!info.ok()) return 0;
  require(info->repeated_name.has_value() !=
          quoin::JsonDocument::parse({data, size}, quoin::kSignedJsonLimits).ok());
  // Strictly descending: no level stands before one that is at least as high.
  const auto not_below = [](const quoin::TcbLevel& a, const quoin::TcbLevel& b) {
    return std::tie(a.sgx_tcb_components, a.pce_svn, a.tdx_tcb_components) <=
           std::tie(b.sgx_tcb_components, b.pce_svn, b.tdx_tcb_components);
  };
  require(!info->tcb_levels.empty());
  require(std::ranges::adjacent_find(info->tcb_levels, not_below) == info->tcb_levels.end());
  require(info->tdx_module.has_value() == (info->id == quoin::TcbInfoId::tdx));
  return 0;
}
