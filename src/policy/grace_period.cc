#include "src/policy/grace_period.h"

#include <algorithm>
#include <chrono>
#include <vector>

namespace quoin {
namespace {

bool wants(const Policy& policy, TcbStatus status) {
  return std::ranges::find(policy.tcb_statuses, status) != policy.tcb_statuses.end();
}

bool is_out_of_date(TcbStatus status) {
  return status == TcbStatus::out_of_date || status == TcbStatus::out_of_date_configuration_needed;
}

// The oldest date of a level above `level` of which the status is acceptable; nothing where there
// is none, or where `level` is not one of `levels`, which stand in descending order.
template <typename Level, typename Acceptable>
std::optional<UtcTime> overdue_since(const std::vector<Level>& levels, const Level* level,
                                     Acceptable&& acceptable) {
  std::optional<UtcTime> since;
  for (const Level& above : levels) {
    if (&above == level) return since;
    if (acceptable(above.status)) since = std::min(since.value_or(above.tcb_date), above.tcb_date);
  }
  return std::nullopt;
}

// The same of a level of a TDX module, whichever it is.
std::optional<UtcTime> module_overdue_since(const TcbInfo& tcb_info, const IsvSvnTcbLevel* level) {
  const auto up_to_date = [](TcbStatus status) { return status == TcbStatus::up_to_date; };
  if (!tcb_info.tdx_module_identities) return std::nullopt;
  for (const TdxModuleIdentity& identity : *tcb_info.tdx_module_identities) {
    if (const auto since = overdue_since(identity.tcb_levels, level, up_to_date)) return since;
  }
  return std::nullopt;
}

}  // namespace

std::optional<UtcTime> end_of_grace(const Policy& policy, const TcbEvaluation& evaluation,
                                    const Collateral& collateral) {
  if (policy.grace_period_days == 0 || !is_out_of_date(evaluation.status)) return std::nullopt;
  if (evaluation.platform_level == nullptr || evaluation.qe_level == nullptr) return std::nullopt;
  // An update does not configure it.
  if (evaluation.status == TcbStatus::out_of_date_configuration_needed &&
      !wants(policy, TcbStatus::configuration_needed) &&
      !wants(policy, TcbStatus::configuration_and_sw_hardening_needed)) {
    return std::nullopt;
  }

  std::optional<UtcTime> since;
  // Returns whether there is a level that the part could reach.
  const auto count = [&since](std::optional<UtcTime> overdue) {
    if (overdue) since = std::min(since.value_or(*overdue), *overdue);
    return overdue.has_value();
  };
  const TcbStatus platform = evaluation.platform_level->status;
  if (is_out_of_date(platform)) {
    const auto wanted = [&policy](TcbStatus status) { return wants(policy, status); };
    if (!count(overdue_since(collateral.tcb_info().tcb_levels, evaluation.platform_level, wanted)))
      return std::nullopt;
  } else if (!wants(policy, platform)) {
    return std::nullopt;
  }
  const IsvSvnTcbLevel* module = evaluation.tdx_module_level;
  if (module != nullptr && module->status == TcbStatus::out_of_date &&
      !count(module_overdue_since(collateral.tcb_info(), module))) {
    return std::nullopt;
  }
  if (evaluation.qe_level->status == TcbStatus::out_of_date) {
    const auto up_to_date = [](TcbStatus status) { return status == TcbStatus::up_to_date; };
    if (!count(
            overdue_since(collateral.qe_identity().tcb_levels, evaluation.qe_level, up_to_date))) {
      return std::nullopt;
    }
  }
  if (!since) return std::nullopt;
  return *since + std::chrono::days(std::min(policy.grace_period_days, kMaxPolicyDays));
}

}  // namespace quoin
