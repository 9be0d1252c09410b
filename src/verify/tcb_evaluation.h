// The TCB status of a platform (QVL EvaluateTcb, TcbLevelCheck, TDRelaunchCheck).

#ifndef QUOIN_SRC_VERIFY_TCB_EVALUATION_H_
#define QUOIN_SRC_VERIFY_TCB_EVALUATION_H_

#include <optional>
#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/verify.h"

namespace quoin {

// Why there is no status, where there is none.
enum class TcbGap : uint8_t {
  platform_level,       // no TCB level is as low as the platform
  tdx_module_identity,  // TCB info does not know the TDX module
  tdx_module_level,     // no level is as low as the TDX module's ISVSVN
  qe_level,             // no level is as low as the QE's ISVSVN
  platform_status,      // the level that matches has a status that its kind cannot have
  tdx_module_status,
  qe_status,
};

// What the levels that match say together. Points into TCB info and QE identity.
struct TcbEvaluation {
  // not_supported where a level is missing; unrecognized where the matching one has a status that
  // its kind of level cannot have.
  TcbStatus status = TcbStatus::unrecognized;
  std::optional<TcbGap> gap;
  std::optional<UtcTime> tcb_date;  // the oldest of the matching levels'; nothing where one is not
  // Of the TDX module that launched the TD; null where there is none.
  const TcbLevel* platform_level = nullptr;
  const IsvSvnTcbLevel* tdx_module_level = nullptr;
  const IsvSvnTcbLevel* qe_level = nullptr;
  // Whether the TDX module that runs now made the difference: the gap is its, or relaunching helps.
  bool current_module_decided = false;
};

// The status of `platform`. Thread-safe.
TcbEvaluation evaluate_tcb(const PlatformTcb& platform, const TcbInfo& tcb_info,
                           const QeIdentity& qe_identity);

// The advisories of the levels that matched, in the order platform, QE, module, each once.
std::vector<std::string> advisory_ids(const TcbEvaluation& evaluation);

// Which level decided, for people.
std::string describe(const TcbEvaluation& evaluation);

// Positions 0 and 1 of a TEE_TCB_SVN (Intel TDX Module ABI specification, "TEE_TCB_SVN").
struct TdxModuleSvn {
  uint8_t isv_svn = 0;
  uint8_t major_version = 0;
};
TdxModuleSvn tdx_module_svn(const ByteArray<16>& tee_tcb_svn);

// The first position of a TEE_TCB_SVN that TCB levels are compared with: a TDX module with a major
// version answers for positions 0 and 1 by its own identity.
size_t first_tdx_component(const ByteArray<16>& tee_tcb_svn);

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
