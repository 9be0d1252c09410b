// The TCB status of a platform (QVL EvaluateTcb, TcbLevelCheck, TDRelaunchCheck).

#ifndef QUOIN_SRC_VERIFY_TCB_EVALUATION_H_
#define QUOIN_SRC_VERIFY_TCB_EVALUATION_H_

#include <optional>
#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/quote.h"

namespace quoin {

// The SVNs of the platform that made a quote.
struct PlatformTcb {
  ByteArray<16> sgx_tcb_components{};  // from the PCK certificate
  uint16_t pce_svn = 0;                // from the PCK certificate
  uint16_t qe_isv_svn = 0;             // from the QE report
  // Of a TD: the module that launched it, and the one that runs now where the quote says.
  std::optional<ByteArray<16>> tee_tcb_svn;
  std::optional<ByteArray<16>> tee_tcb_svn2;
};

// What the levels that match say together.
struct TcbEvaluation {
  // not_supported where a level is missing; unrecognized where the matching one has a status that
  // its kind of level cannot have.
  TcbStatus status = TcbStatus::unrecognized;
  std::optional<UtcTime> tcb_date;  // the oldest of the matching levels'
  std::vector<std::string> advisory_ids;
  std::string reason;  // which level decided, for people
};

// The status of `platform`. Thread-safe.
TcbEvaluation evaluate_tcb(const PlatformTcb& platform, const TcbInfo& tcb_info,
                           const QeIdentity& qe_identity);

// The identity of the TDX module of that major version, "TDX_01" for 1; null when TCB info has
// none.
const TdxModuleIdentity* find_tdx_module_identity(const TcbInfo& tcb_info, uint8_t major_version);

// The status of a platform whose TDX module or QE has a status of its own (QVL
// convergeTcbStatuses). It is not simply the worst of them.
TcbStatus converge(TcbStatus platform, bool any_out_of_date, bool any_revoked);

// The status of a TD that a module launched and another one runs now (QVL checkForRelaunch).
TcbStatus check_for_relaunch(TcbStatus launch, TcbStatus current);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_TCB_EVALUATION_H_
