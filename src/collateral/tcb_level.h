// What the entries of every "tcbLevels" have in common (Intel SGX PCS API v4, TCB info and enclave
// identity).

#ifndef QUOIN_SRC_COLLATERAL_TCB_LEVEL_H_
#define QUOIN_SRC_COLLATERAL_TCB_LEVEL_H_

#include <string>
#include <vector>

#include "quoin/collateral.h"
#include "quoin/result.h"
#include "src/collateral/json_object.h"

namespace quoin {

// Intel's longest lists have 20 levels and 50 advisories.
inline constexpr size_t kMaxTcbLevels = 1000;
inline constexpr size_t kMaxAdvisoryIds = 1000;
inline constexpr size_t kMaxAdvisoryIdSize = 64;

// "tcbStatus" of a platform's level. A status that only verification makes is unrecognized here, as
// one that we do not know: a file must not claim it.
Result<TcbStatus> read_platform_status(const JsonObject& level);

// "advisoryIDs", in order; none where the member is missing. Fails with malformed or too_large.
Result<std::vector<std::string>> read_advisory_ids(const JsonObject& level);

// "tcbLevels" of `owner`, a QE identity or a TDX module identity: at least one, sorted by
// descending isv_svn and then descending date, no two with both equal. Their status is UpToDate,
// OutOfDate, Revoked (Intel's verification knows no others for an enclave or a module), or
// unrecognized. Fails with malformed or too_large.
Result<std::vector<IsvSvnTcbLevel>> read_isv_svn_tcb_levels(const JsonObject& owner);

}  // namespace quoin

#endif  // QUOIN_SRC_COLLATERAL_TCB_LEVEL_H_
