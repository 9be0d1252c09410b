#include "src/cli/describe_policy.h"

#include <algorithm>

#include "src/base/hex.h"
#include "src/base/text.h"

namespace quoin::cli {
namespace {

std::string counted(size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

std::string days(uint32_t count) { return counted(count, "day", "days"); }

bool accepts(const Policy& policy, TcbStatus status) {
  return std::ranges::find(policy.tcb_statuses, status) != policy.tcb_statuses.end();
}

std::string event_text(const WantedEvent& event) {
  if (!event.payload) return event.name + " with any payload";
  if (event.payload->empty()) return event.name + " without payload";
  return event.name + " = " + to_hex(*event.payload);
}

void describe_set(const MeasurementSet& set, std::vector<std::string>& sentences) {
  std::vector<std::string> names;
  const auto add = [&names](std::string_view name, bool named) {
    if (named) names.emplace_back(name);
  };
  add("mr_seam", set.mr_seam.has_value());
  add("mr_td", set.mr_td.has_value());
  add("mr_config_id", set.mr_config_id.has_value());
  add("mr_owner", set.mr_owner.has_value());
  add("mr_owner_config", set.mr_owner_config.has_value());
  add("rtmr0", set.rtmr0.has_value());
  add("rtmr1", set.rtmr1.has_value());
  add("rtmr2", set.rtmr2.has_value());
  add("rtmr3", set.rtmr3.has_value());
  add("mr_enclave", set.mr_enclave.has_value());
  sentences.push_back("what ran may be \"" + set.name + "\": " + joined(names, ", "));
  if (!set.runtime_events) return;
  std::vector<std::string> events;
  for (const WantedEvent& event : *set.runtime_events) events.push_back(event_text(event));
  sentences.push_back("  with exactly these runtime events in RTMR3: " +
                      (events.empty() ? "none" : joined(events, ", ")) +
                      (set.refuse_guest_events ? "" : "; others of guests are not looked at"));
}

std::vector<std::string> status_names(const Policy& policy) {
  std::vector<std::string> names;
  for (const TcbStatus status : policy.tcb_statuses) names.emplace_back(to_string(status));
  return names;
}

void describe_tcb(const Policy& policy, std::vector<std::string>& sentences) {
  sentences.push_back("the TCB status must be " + (policy.tcb_statuses.empty()
                                                       ? "one of an empty list: nothing is accepted"
                                                       : joined(status_names(policy), " or ")));
  if (policy.allowed_advisories) {
    sentences.push_back(
        "with another status than UpToDate, advisories must be among: " +
        (policy.allowed_advisories->empty() ? "none" : joined(*policy.allowed_advisories, ", ")));
  }
  if (!policy.denied_advisories.empty()) {
    sentences.push_back("these advisories are refused: " + joined(policy.denied_advisories, ", "));
  }
  if (policy.grace_period_days != 0) {
    sentences.push_back("an OutOfDate platform is accepted until " +
                        days(policy.grace_period_days) + " after the date of the TCB it misses");
  }
  if (policy.minimum_tcb_evaluation_data_number != 0) {
    sentences.push_back("collateral must have the evaluation data number " +
                        std::to_string(policy.minimum_tcb_evaluation_data_number) + " or more");
  }
  if (policy.maximum_collateral_age_days) {
    sentences.push_back("collateral must not be older than " +
                        days(*policy.maximum_collateral_age_days));
  }
  if (policy.stale_collateral_on_error) {
    sentences.emplace_back(
        "where collateral cannot be fetched, what was fetched before is used for as long as it "
        "holds");
  }
}

void describe_platforms(const Policy& policy, std::vector<std::string>& sentences) {
  const auto& allowed = policy.allowed_platforms;
  sentences.push_back(allowed ? "the platform must be one of " +
                                    counted(allowed->size(), "entry", "entries") + " on a list"
                              : std::string("the platform may be any"));
  if (!policy.denied_platforms.empty()) {
    sentences.push_back("the platform must not be one of " +
                        counted(policy.denied_platforms.size(), "entry", "entries") + " on a list");
  }
}

std::string tud_bits(uint8_t bits) {
  std::vector<std::string> numbers;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((bits >> bit & 1u) != 0) numbers.push_back(std::to_string(bit));
  }
  return joined(numbers, ", ");
}

void describe_attributes(const Policy& policy, std::vector<std::string>& sentences) {
  std::vector<std::string> refused = {"reserved bits"};
  if (policy.insecure_allowed_tud_bits == 0) {
    refused.emplace_back("debug (TUD)");
  } else {
    refused.push_back("debug (TUD) other than bit " + tud_bits(policy.insecure_allowed_tud_bits));
  }
  if (!policy.allow_migratable) refused.emplace_back("MIGRATABLE");
  if (!policy.allow_perfmon) refused.emplace_back("PERFMON");
  if (!policy.allow_service_td) refused.emplace_back("a service TD");
  sentences.push_back("of a TD are refused: " + joined(refused, ", "));
  if (policy.require_sept_ve_disable) sentences.emplace_back("a TD must have SEPT_VE_DISABLE");
}

void warn_of_measurements(const Policy& policy, std::vector<PolicyWarning>& warnings) {
  if (policy.measurements.empty()) {
    warnings.push_back({"no_measurements",
                        "no measurements are named: no real quote is accepted, and any simulated "
                        "one whose root is trusted"});
  }
  for (const MeasurementSet& set : policy.measurements) {
    if (set.rtmr3) {
      warnings.push_back(
          {"rtmr3_by_value", "\"" + set.name +
                                 "\" names rtmr3 by its value, which is another after "
                                 "each event: runtime_events names the events"});
    }
    if (!set.runtime_events) continue;
    for (const WantedEvent& event : *set.runtime_events) {
      if (event.payload) continue;
      warnings.push_back({"any_payload", "\"" + set.name + "\" accepts the runtime event " +
                                             event.name + " with any payload"});
    }
  }
}

void warn_of_tcb(const Policy& policy, std::vector<PolicyWarning>& warnings) {
  for (const TcbStatus status : policy.tcb_statuses) {
    if (status == TcbStatus::up_to_date) continue;
    warnings.push_back(
        {"weak_tcb_status",
         "platforms of status " + std::string(to_string(status)) + " are accepted" +
             (policy.allowed_advisories ? ""
                                        : ", whatever advisories stand against them "
                                          "(allowed_advisories names those you know of)")});
  }
  if (policy.grace_period_days != 0 && !accepts(policy, TcbStatus::out_of_date)) {
    warnings.push_back({"grace_period", "OutOfDate platforms are accepted for " +
                                            days(policy.grace_period_days) +
                                            ": what can be done to them is public by then"});
  }
  if (policy.stale_collateral_on_error && !policy.maximum_collateral_age_days) {
    warnings.push_back({"stale_collateral",
                        "whoever keeps collateral from being fetched has old collateral judged "
                        "with, for about 30 days (maximum_collateral_age_days makes that less)"});
  }
}

void warn_of_platforms(const Policy& policy, std::vector<PolicyWarning>& warnings) {
  const auto& allowed = policy.allowed_platforms;
  if (!allowed) {
    warnings.push_back({"any_platform",
                        "no platforms are named: a key stolen from any machine in the world signs "
                        "what this policy accepts"});
  } else if (!allowed->fmspcs.empty() &&
             !(allowed->ppids.empty() && allowed->platform_instance_ids.empty())) {
    warnings.push_back({"broad_platforms",
                        "the list of allowed platforms names single platforms and whole FMSPCs: "
                        "any one entry is enough"});
  } else if (!allowed->fmspcs.empty()) {
    warnings.push_back({"broad_platforms",
                        "the list of allowed platforms names FMSPCs: every machine in the world of "
                        "such a model is on it"});
  }
}

void warn_of_attributes(const Policy& policy, std::vector<PolicyWarning>& warnings) {
  if (policy.insecure_allowed_tud_bits != 0) {
    warnings.push_back({"tud_bits", "TDs under debug are accepted (bit " +
                                        tud_bits(policy.insecure_allowed_tud_bits) +
                                        "): their host can look into them"});
  }
  if (!policy.require_sept_ve_disable) {
    warnings.push_back({"sept_ve",
                        "TDs without SEPT_VE_DISABLE are accepted: their host can make "
                        "them fault where it wants"});
  }
  if (policy.allow_migratable) {
    warnings.push_back({"migratable",
                        "TDs that can be migrated are accepted: they may run "
                        "elsewhere by now"});
  }
  if (policy.allow_perfmon) {
    warnings.push_back({"perfmon",
                        "TDs with PERFMON are accepted: performance counters can give "
                        "away what they do"});
  }
  if (policy.allow_service_td) {
    warnings.push_back({"service_td", "TDs with a service TD are accepted, whichever it is"});
  }
}

}  // namespace

std::vector<std::string> policy_sentences(const Policy& policy) {
  std::vector<std::string> sentences;
  for (const MeasurementSet& set : policy.measurements) describe_set(set, sentences);
  describe_tcb(policy, sentences);
  describe_platforms(policy, sentences);
  describe_attributes(policy, sentences);
  if (!policy.modules.empty()) {
    sentences.push_back(
        "the evidence must be a receipt of " +
        (policy.modules.size() == 1
             ? std::string("the one module that is named")
             : "one of the " + std::to_string(policy.modules.size()) + " modules that are named"));
  }
  for (const TrustRoot& root : policy.trust_roots) {
    sentences.push_back("this root is trusted besides: " + root.common_name());
  }
  return sentences;
}

std::vector<PolicyWarning> policy_warnings(const Policy& policy) {
  std::vector<PolicyWarning> warnings;
  warn_of_measurements(policy, warnings);
  warn_of_tcb(policy, warnings);
  warn_of_platforms(policy, warnings);
  warn_of_attributes(policy, warnings);
  for (const TrustRoot& root : policy.trust_roots) {
    if (!root.is_simulator()) continue;
    warnings.push_back({"simulator_root",
                        "a simulator's root is trusted: whoever has its keys, "
                        "which lie in a file, can have anything accepted"});
  }
  return warnings;
}

}  // namespace quoin::cli
