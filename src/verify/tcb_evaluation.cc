#include "src/verify/tcb_evaluation.h"

#include <algorithm>
#include <array>
#include <span>

namespace quoin {
namespace {

TcbEvaluation no_level(TcbGap gap) {
  TcbEvaluation evaluation;
  evaluation.status = TcbStatus::not_supported;
  evaluation.gap = gap;
  return evaluation;
}

TcbEvaluation bad_status(TcbGap gap) {
  TcbEvaluation evaluation;
  evaluation.status = TcbStatus::unrecognized;
  evaluation.gap = gap;
  return evaluation;
}

bool every_svn_at_least(std::span<const uint8_t> svns, std::span<const uint8_t> wanted) {
  return std::ranges::equal(svns, wanted, std::ranges::greater_equal{});
}

// QVL 4.1.2.5.2.1: the first level of which no SVN is above the platform's. A module with a major
// version answers for positions 0 and 1 by its own identity, so they are left out here.
const TcbLevel* find_platform_level(const PlatformTcb& platform,
                                    const std::optional<ByteArray<16>>& tee_tcb_svn,
                                    const TcbInfo& tcb_info) {
  const auto level = std::ranges::find_if(tcb_info.tcb_levels, [&](const TcbLevel& candidate) {
    if (!every_svn_at_least(platform.sgx_tcb_components, candidate.sgx_tcb_components)) {
      return false;
    }
    if (platform.pce_svn < candidate.pce_svn) return false;
    if (!tee_tcb_svn) return true;
    const size_t first = first_tdx_component(*tee_tcb_svn);
    return every_svn_at_least(std::span(*tee_tcb_svn).subspan(first),
                              std::span(candidate.tdx_tcb_components).subspan(first));
  });
  return level == tcb_info.tcb_levels.end() ? nullptr : &*level;
}

// The first level that asks for no more than `isv_svn`.
const IsvSvnTcbLevel* find_isv_svn_level(const std::vector<IsvSvnTcbLevel>& levels,
                                         uint16_t isv_svn) {
  const auto level = std::ranges::find_if(
      levels, [&](const IsvSvnTcbLevel& candidate) { return isv_svn >= candidate.isv_svn; });
  return level == levels.end() ? nullptr : &*level;
}

// Which statuses a level may have depends on its kind (QVL VALID_TCB_INFO_STATUSES,
// VALID_TDX_MODULE_STATUSES; of VALID_QE_STATUSES, Intel's parser lets through only these three:
// IdentityTcbLevel.cpp).
bool may_be_platform_status(TcbStatus status) {
  constexpr std::array kAllowed = {
      TcbStatus::up_to_date,
      TcbStatus::sw_hardening_needed,
      TcbStatus::configuration_needed,
      TcbStatus::configuration_and_sw_hardening_needed,
      TcbStatus::out_of_date,
      TcbStatus::out_of_date_configuration_needed,
      TcbStatus::revoked,
  };
  return std::ranges::find(kAllowed, status) != kAllowed.end();
}

bool may_be_isv_svn_status(TcbStatus status) {
  return status == TcbStatus::up_to_date || status == TcbStatus::out_of_date ||
         status == TcbStatus::revoked;
}

void append_new(std::vector<std::string>& ids, const std::vector<std::string>& more) {
  for (const std::string& id : more) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
}

// Evaluates one TEE_TCB_SVN, or none for SGX (QVL sgxEvaluateTCB, tdxEvaluateTCB).
TcbEvaluation evaluate_once(const PlatformTcb& platform,
                            const std::optional<ByteArray<16>>& tee_tcb_svn,
                            const TcbInfo& tcb_info, const QeIdentity& qe_identity) {
  const TcbLevel* platform_level = find_platform_level(platform, tee_tcb_svn, tcb_info);
  if (platform_level == nullptr) return no_level(TcbGap::platform_level);
  if (!may_be_platform_status(platform_level->status)) return bad_status(TcbGap::platform_status);

  const IsvSvnTcbLevel* module_level = nullptr;
  if (tee_tcb_svn && tdx_module_svn(*tee_tcb_svn).major_version > 0) {
    const auto [isv_svn, major_version] = tdx_module_svn(*tee_tcb_svn);
    const TdxModuleIdentity* identity = find_tdx_module_identity(tcb_info, major_version);
    if (identity == nullptr) return no_level(TcbGap::tdx_module_identity);
    module_level = find_isv_svn_level(identity->tcb_levels, isv_svn);
    if (module_level == nullptr) return no_level(TcbGap::tdx_module_level);
    if (!may_be_isv_svn_status(module_level->status)) return bad_status(TcbGap::tdx_module_status);
  }

  const IsvSvnTcbLevel* qe_level = find_isv_svn_level(qe_identity.tcb_levels, platform.qe_isv_svn);
  if (qe_level == nullptr) return no_level(TcbGap::qe_level);
  if (!may_be_isv_svn_status(qe_level->status)) return bad_status(TcbGap::qe_status);

  const auto any = [&](TcbStatus status) {
    return qe_level->status == status ||
           (module_level != nullptr && module_level->status == status);
  };
  TcbEvaluation result;
  result.status =
      converge(platform_level->status, any(TcbStatus::out_of_date), any(TcbStatus::revoked));
  result.tcb_date = std::min(platform_level->tcb_date, qe_level->tcb_date);
  if (module_level != nullptr) result.tcb_date = std::min(*result.tcb_date, module_level->tcb_date);
  result.platform_level = platform_level;
  result.tdx_module_level = module_level;
  result.qe_level = qe_level;
  return result;
}

std::string_view describe(TcbGap gap) {
  switch (gap) {
    case TcbGap::platform_level:
      return "no TCB level is as low as the platform";
    case TcbGap::tdx_module_identity:
      return "TCB info does not know the TDX module";
    case TcbGap::tdx_module_level:
      return "no level is as low as the TDX module's ISVSVN";
    case TcbGap::qe_level:
      return "no level is as low as the QE's ISVSVN";
    case TcbGap::platform_status:
      return "the platform's TCB level has a status that we do not know";
    case TcbGap::tdx_module_status:
      return "the TDX module's level has a status that we do not know";
    case TcbGap::qe_status:
      break;
  }
  return "the QE's level has a status that we do not know";
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool needs_configuration(TcbStatus status) {
  return status == TcbStatus::configuration_needed ||
         status == TcbStatus::out_of_date_configuration_needed ||
         status == TcbStatus::configuration_and_sw_hardening_needed;
}

}  // namespace

TdxModuleSvn tdx_module_svn(const ByteArray<16>& tee_tcb_svn) {
  return {.isv_svn = tee_tcb_svn[0], .major_version = tee_tcb_svn[1]};
}

size_t first_tdx_component(const ByteArray<16>& tee_tcb_svn) {
  return tdx_module_svn(tee_tcb_svn).major_version > 0 ? 2 : 0;
}

const TdxModuleIdentity* find_tdx_module_identity(const TcbInfo& tcb_info, uint8_t major_version) {
  if (!tcb_info.tdx_module_identities) return nullptr;
  // Compared without regard to case, as Intel does.
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::array wanted = {
      't', 'd', 'x', '_', kDigits[major_version >> 4], kDigits[major_version & 0x0f]};
  const auto same_letter = [](char a, char b) { return to_lower(a) == b; };
  const auto found =
      std::ranges::find_if(*tcb_info.tdx_module_identities, [&](const TdxModuleIdentity& identity) {
        return std::ranges::equal(identity.id, wanted, same_letter);
      });
  return found == tcb_info.tdx_module_identities->end() ? nullptr : &*found;
}

TcbStatus converge(TcbStatus platform, bool any_out_of_date, bool any_revoked) {
  if (any_revoked) return TcbStatus::revoked;
  if (!any_out_of_date) return platform;
  switch (platform) {
    case TcbStatus::up_to_date:
    case TcbStatus::sw_hardening_needed:
      return TcbStatus::out_of_date;
    case TcbStatus::configuration_needed:
    case TcbStatus::configuration_and_sw_hardening_needed:
      return TcbStatus::out_of_date_configuration_needed;
    default:
      return platform;
  }
}

TcbStatus check_for_relaunch(TcbStatus launch, TcbStatus current) {
  const bool launched_out_of_date =
      launch == TcbStatus::out_of_date || launch == TcbStatus::out_of_date_configuration_needed;
  const bool current_is_good = current == TcbStatus::up_to_date ||
                               current == TcbStatus::sw_hardening_needed ||
                               current == TcbStatus::configuration_needed ||
                               current == TcbStatus::configuration_and_sw_hardening_needed;
  if (!launched_out_of_date || !current_is_good) return launch;
  return needs_configuration(launch) || needs_configuration(current)
             ? TcbStatus::td_relaunch_advised_configuration_needed
             : TcbStatus::td_relaunch_advised;
}

TcbEvaluation evaluate_tcb(const PlatformTcb& platform, const TcbInfo& tcb_info,
                           const QeIdentity& qe_identity) {
  TcbEvaluation launch = evaluate_once(platform, platform.tee_tcb_svn, tcb_info, qe_identity);
  if (!launch.tcb_date || !platform.tee_tcb_svn2) return launch;
  TcbEvaluation current = evaluate_once(platform, platform.tee_tcb_svn2, tcb_info, qe_identity);
  if (!current.tcb_date) {
    current.current_module_decided = true;
    return current;
  }
  const TcbStatus status = check_for_relaunch(launch.status, current.status);
  launch.current_module_decided = status != launch.status;
  launch.status = status;
  return launch;
}

std::vector<std::string> advisory_ids(const TcbEvaluation& evaluation) {
  std::vector<std::string> ids;
  if (evaluation.platform_level) append_new(ids, evaluation.platform_level->advisory_ids);
  if (evaluation.qe_level) append_new(ids, evaluation.qe_level->advisory_ids);
  if (evaluation.tdx_module_level) append_new(ids, evaluation.tdx_module_level->advisory_ids);
  return ids;
}

std::string describe(const TcbEvaluation& evaluation) {
  if (evaluation.gap) {
    return (evaluation.current_module_decided ? "the TDX module that runs now: " : "") +
           std::string(describe(*evaluation.gap));
  }
  std::string text;
  const auto add = [&text](std::string_view part, const auto* level) {
    if (level == nullptr) return;
    text.append(text.empty() ? "" : ", ").append(part).append(to_string(level->status));
  };
  add("platform ", evaluation.platform_level);
  add("QE ", evaluation.qe_level);
  add("TDX module ", evaluation.tdx_module_level);
  if (evaluation.current_module_decided) text += "; the TDX module that runs now is better";
  return text;
}

}  // namespace quoin
