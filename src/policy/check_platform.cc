#include <algorithm>
#include <chrono>
#include <string>

#include "src/base/hex.h"
#include "src/base/text.h"
#include "src/collateral/parts.h"
#include "src/policy/acceptable_status.h"
#include "src/policy/checks.h"
#include "src/policy/grace_period.h"
#include "src/policy/rules.h"

namespace quoin {
namespace {

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

// The end of the grace period that this platform has.
std::optional<UtcTime> grace(const Policy& policy, const PolicyInput& input) {
  const Verdict& verdict = input.verdict;
  if (policy.grace_period_days == 0 || !verdict.platform_tcb) return std::nullopt;
  const TcbEvaluation evaluation = evaluate_tcb(*verdict.platform_tcb, input.collateral.tcb_info(),
                                                input.collateral.qe_identity());
  // Another verdict's, or another collateral's.
  if (verdict.tcb_status != evaluation.status) return std::nullopt;
  return end_of_grace(policy, evaluation, input.collateral);
}

// What the status calls for; empty where the rule says all that there is to say.
std::string_view tcb_status_advice(const Verdict& verdict) {
  switch (verdict.tcb_status.value_or(TcbStatus::unrecognized)) {
    case TcbStatus::td_relaunch_advised:
      return "restart the TD: the TDX module that runs now is up to date";
    case TcbStatus::td_relaunch_advised_configuration_needed:
      return "restart the TD, and have the platform's owner set its BIOS as the advisories say";
    case TcbStatus::sw_hardening_needed:
      return "see that what runs in the TD works around the advisories; then let the policy accept "
             "this status";
    case TcbStatus::configuration_needed:
    case TcbStatus::configuration_and_sw_hardening_needed:
      return "have the platform's owner set its BIOS as the advisories say, or let the policy "
             "accept this status";
    default:
      return verdict.tcb_shortfalls.empty() ? "" : advice_for(verdict.tcb_shortfalls.front());
  }
}

CheckText tcb_status_text(const Policy& policy, const Verdict& verdict,
                          std::optional<UtcTime> end_of_grace) {
  CheckText text;
  text.seen = verdict.tcb_status ? to_string(*verdict.tcb_status) : "none";
  std::string_view separator = ": ";
  for (const TcbShortfall& shortfall : verdict.tcb_shortfalls) {
    text.seen.append(separator).append(to_string(shortfall));
    separator = ", ";
  }
  if (end_of_grace) text.seen += "; grace period until " + to_string(*end_of_grace);
  text.advice = tcb_status_advice(verdict);
  for (const TcbStatus status : policy.tcb_statuses) {
    text.wanted.append(text.wanted.empty() ? "" : " or ").append(to_string(status));
  }
  if (policy.grace_period_days != 0) {
    text.wanted += ", or OutOfDate for at most " + std::to_string(policy.grace_period_days) +
                   (policy.grace_period_days == 1 ? " day" : " days");
  }
  return text;
}

bool check_tcb_status(CheckList& checks, const Policy& policy, const PolicyInput& input) {
  const std::optional<TcbStatus> status = input.verdict.tcb_status;
  const bool possible = status && can_be_accepted(*status);
  bool passed =
      possible && std::ranges::find(policy.tcb_statuses, *status) != policy.tcb_statuses.end();
  std::optional<UtcTime> end_of_grace;
  if (possible && !passed) {
    end_of_grace = grace(policy, input);
    passed = end_of_grace && input.now <= *end_of_grace;
  }
  return checks.add(policy_rules::kTcbStatus, passed,
                    [&] { return tcb_status_text(policy, input.verdict, end_of_grace); });
}

bool check_advisories_allowed(CheckList& checks, const Policy& policy, const Verdict& verdict) {
  const bool applies = policy.allowed_advisories && verdict.tcb_status != TcbStatus::up_to_date;
  const auto allowed = [&](const std::string& id) {
    return contains(*policy.allowed_advisories, id);
  };
  const bool passed = !applies || std::ranges::all_of(verdict.advisory_ids, allowed);
  return checks.add(policy_rules::kAdvisoriesAllowed, passed, [&] {
    CheckText text{.seen = "", .wanted = "any"};
    for (const std::string& id : verdict.advisory_ids) {
      if (passed || !allowed(id)) text.seen.append(text.seen.empty() ? "" : ", ").append(id);
    }
    if (text.seen.empty()) text.seen = "none";
    if (applies && policy.allowed_advisories->empty()) text.wanted = "none";
    if (applies && !policy.allowed_advisories->empty()) {
      text.wanted = "only " + joined(*policy.allowed_advisories, ", ");
    }
    return text;
  });
}

bool check_advisories_denied(CheckList& checks, const Policy& policy, const Verdict& verdict) {
  const auto denied = [&](const std::string& id) { return contains(policy.denied_advisories, id); };
  const auto found = std::ranges::find_if(verdict.advisory_ids, denied);
  const bool passed = found == verdict.advisory_ids.end();
  return checks.add(policy_rules::kAdvisoriesDenied, passed, [&] {
    return CheckText{.seen = passed ? "none of those" : *found,
                     .wanted = policy.denied_advisories.empty()
                                   ? "any"
                                   : "none of " + joined(policy.denied_advisories, ", ")};
  });
}

bool check_evaluation_data_number(CheckList& checks, const Policy& policy,
                                  const Collateral& collateral) {
  const uint32_t wanted = policy.minimum_tcb_evaluation_data_number;
  const uint32_t seen = std::min(collateral.tcb_info().tcb_evaluation_data_number,
                                 collateral.qe_identity().tcb_evaluation_data_number);
  return checks.add(policy_rules::kTcbEvaluationDataNumber, seen >= wanted, [&] {
    return CheckText{std::to_string(seen), std::to_string(wanted) + " or more"};
  });
}

bool check_collateral_age(CheckList& checks, const Policy& policy, const PolicyInput& input) {
  const UtcTime oldest =
      std::min({input.collateral.tcb_info().issue_date, input.collateral.qe_identity().issue_date,
                input.collateral.parts().pck_crl.crl.this_update});
  const uint32_t days =
      std::min(policy.maximum_collateral_age_days.value_or(kMaxPolicyDays), kMaxPolicyDays);
  const UtcTime last = oldest + std::chrono::days(days);
  const bool passed = !policy.maximum_collateral_age_days || input.now <= last;
  return checks.add(policy_rules::kCollateralAge, passed, [&] {
    return CheckText{"the oldest part is of " + to_string(oldest),
                     policy.maximum_collateral_age_days
                         ? "at most " + std::to_string(days) + " days old"
                         : "any age"};
  });
}

std::string platform_text(const std::optional<PlatformIdentity>& platform) {
  if (!platform) return "a platform that is not known";
  std::string text = "ppid " + to_hex(platform->ppid);
  if (platform->platform_instance_id) {
    text += ", platform_instance_id " + to_hex(*platform->platform_instance_id);
  }
  return text + ", fmspc " + to_hex(platform->fmspc);
}

bool check_platform_allowed(CheckList& checks, const Policy& policy, const Verdict& verdict) {
  const auto& list = policy.allowed_platforms;
  const bool passed = !list || (verdict.platform && list->names(*verdict.platform));
  return checks.add(policy_rules::kPlatformAllowed, passed, [&] {
    return CheckText{platform_text(verdict.platform),
                     list ? "one of the " + std::to_string(list->size()) + " on the list" : "any"};
  });
}

bool check_platform_denied(CheckList& checks, const Policy& policy, const Verdict& verdict) {
  const PlatformList& list = policy.denied_platforms;
  const bool passed = list.empty() || (verdict.platform && !list.names(*verdict.platform));
  return checks.add(policy_rules::kPlatformDenied, passed, [&] {
    return CheckText{
        platform_text(verdict.platform),
        list.empty() ? "any" : "none of the " + std::to_string(list.size()) + " on the list"};
  });
}

}  // namespace

bool check_platform(CheckList& checks, const Policy& policy, const PolicyInput& input) {
  bool passed = check_tcb_status(checks, policy, input);
  passed &= check_advisories_allowed(checks, policy, input.verdict);
  passed &= check_advisories_denied(checks, policy, input.verdict);
  passed &= check_evaluation_data_number(checks, policy, input.collateral);
  passed &= check_collateral_age(checks, policy, input);
  passed &= check_platform_allowed(checks, policy, input.verdict);
  passed &= check_platform_denied(checks, policy, input.verdict);
  return passed;
}

}  // namespace quoin
