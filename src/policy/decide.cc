#include <algorithm>
#include <string>
#include <utility>

#include "quoin/policy.h"
#include "src/base/hex.h"
#include "src/policy/measurement_set.h"
#include "src/policy/rules.h"
#include "src/policy/td_attributes.h"
#include "src/verify/check_list.h"

namespace quoin {
namespace {

constexpr uint8_t kSgxDebug = 0x02;  // SGX attributes, byte 0 (Intel SDM, ATTRIBUTES.DEBUG)

// Whatever a policy that was made by hand says.
bool can_be_accepted(TcbStatus status) {
  return status != TcbStatus::revoked && status != TcbStatus::not_supported &&
         status != TcbStatus::unrecognized;
}

// "OutOfDate: TDX module TDX_01 has ISVSVN 4, UpToDate needs 6 since 2025-05-14; INTEL-SA-01397".
std::string seen_tcb_status(const Verdict& verdict) {
  if (!verdict.tcb_status) return "none";
  std::string seen(to_string(*verdict.tcb_status));
  std::string_view separator = ": ";
  for (const TcbShortfall& shortfall : verdict.tcb_shortfalls) {
    seen.append(separator).append(to_string(shortfall));
    separator = ", ";
  }
  separator = "; ";
  for (const std::string& id : verdict.advisory_ids) {
    seen.append(separator).append(id);
    separator = ", ";
  }
  return seen;
}

std::string wanted_tcb_statuses(const Policy& policy) {
  std::string wanted;
  for (const TcbStatus status : policy.tcb_statuses) {
    wanted.append(wanted.empty() ? "" : " or ").append(to_string(status));
  }
  return wanted;
}

bool check_tcb_status(CheckList& checks, const Policy& policy, const Verdict& verdict) {
  const bool passed =
      verdict.tcb_status && can_be_accepted(*verdict.tcb_status) &&
      std::ranges::find(policy.tcb_statuses, *verdict.tcb_status) != policy.tcb_statuses.end();
  return checks.add(policy_rules::kTcbStatus, passed, [&] {
    return CheckText{seen_tcb_status(verdict), wanted_tcb_statuses(policy),
                     verdict.tcb_shortfalls.empty()
                         ? ""
                         : std::string(advice_for(verdict.tcb_shortfalls.front()))};
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

bool check_td_attributes(CheckList& checks, const Policy& policy, const TdReport10& report) {
  const uint64_t bits = td_attributes::from_bytes(report.td_attributes);
  const auto has = [bits](uint64_t mask) { return (bits & mask) != 0; };
  const auto add = [&](const Rule& rule, bool passed, std::string_view wanted) {
    return checks.add(rule, passed, [&] {
      return CheckText{"td_attributes " + to_hex(report.td_attributes), std::string(wanted)};
    });
  };

  bool passed = add(policy_rules::kTdUnderDebug, !has(td_attributes::kTud),
                    "no bit of the TUD group (0 to 7)");
  passed &=
      add(policy_rules::kTdAttributesReserved, !has(td_attributes::kReserved), "no reserved bit");
  passed &= add(policy_rules::kSeptVeDisable,
                has(td_attributes::kSeptVeDisable) || !policy.require_sept_ve_disable,
                policy.require_sept_ve_disable ? "SEPT_VE_DISABLE (bit 28)" : "anything");
  passed &=
      add(policy_rules::kMigratable, !has(td_attributes::kMigratable) || policy.allow_migratable,
          policy.allow_migratable ? "anything" : "no MIGRATABLE (bit 29)");
  passed &= add(policy_rules::kPerfmon, !has(td_attributes::kPerfmon) || policy.allow_perfmon,
                policy.allow_perfmon ? "anything" : "no PERFMON (bit 63)");
  return passed;
}

// The first field of the report that names a service TD, or the empty text.
std::string bound_service_td(const Quote& quote) {
  const auto named = [](std::string_view field, const ByteArray<48>& hash) {
    return all_zero(hash) ? "" : std::string(field) + " " + to_hex(hash);
  };
  std::string bound;
  if (const TdReport15Extra* report = quote.td_report_15()) {
    bound = named("mr_service_td", report->mr_service_td);
  }
  if (const auto* report = std::get_if<TdReport15Ex>(&quote.body)) {
    if (bound.empty()) bound = named("init_servtd_hash", report->init_servtd_hash);
    if (bound.empty()) bound = named("cur_servtd_hash", report->cur_servtd_hash);
  }
  return bound;
}

bool check_service_td(CheckList& checks, const Policy& policy, const Quote& quote) {
  const std::string bound = bound_service_td(quote);
  return checks.add(policy_rules::kServiceTd, bound.empty() || policy.allow_service_td, [&] {
    return CheckText{bound.empty() ? "none bound" : bound,
                     policy.allow_service_td ? "anything" : "no service TD"};
  });
}

bool check_sgx_debug(CheckList& checks, const EnclaveReport& report) {
  return checks.add(policy_rules::kSgxDebug, (report.attributes[0] & kSgxDebug) == 0, [&] {
    return CheckText{"attributes " + to_hex(report.attributes), "no DEBUG (bit 1)"};
  });
}

// The names of what differs, such as "rtmr1, rtmr2"; nothing when the set fits. A set that does
// not pin this kind of quote does not fit, nor does one that names what only the other kind has.
std::string differences(const MeasurementSet& set, const Quote& quote) {
  std::string names;
  const auto add = [&names](std::string_view name) {
    if (!names.empty()) names += ", ";
    names += name;
  };
  if (const TdReport10* report = quote.td_report()) {
    if (!pins_td(set)) add("not for TDs");
    if (set.mr_enclave) add("mr_enclave");
    td_measurement_fields(set, [&](std::string_view name, const auto& wanted, auto member) {
      if (wanted && *wanted != report->*member) add(name);
    });
  }
  if (const EnclaveReport* report = quote.enclave_report()) {
    if (!pins_enclave(set) || names_td_measurement(set)) {
      add("not for enclaves");
    } else if (*set.mr_enclave != report->mr_enclave) {
      add("mr_enclave");
    }
  }
  return names;
}

bool check_measurements(CheckList& checks, const Policy& policy, const Quote& quote,
                        const Verdict& verdict) {
  const auto add = [&](bool passed, std::string_view seen, std::string_view wanted) {
    return checks.add(policy_rules::kMeasurements, passed,
                      [&] { return CheckText{std::string(seen), std::string(wanted)}; });
  };
  if (policy.any_measurement) return add(true, "not looked at", "anything");
  if (policy.measurements.empty()) {
    return add(verdict.simulated, verdict.simulated ? "simulated" : "no policy",
               "a policy that pins what ran");
  }
  std::string seen;
  for (const MeasurementSet& set : policy.measurements) {
    const std::string differs = differences(set, quote);
    if (differs.empty()) return add(true, "\"" + set.name + "\"", "any one set");
    if (!seen.empty()) seen += "; ";
    seen += "\"" + set.name + "\" differs in " + differs;
  }
  return add(false, seen, "one set that fits");
}

}  // namespace

Decision decide(const Policy& policy, const Quote& quote, const Collateral& collateral,
                const Verdict& verdict) {
  CheckList checks(Detail::every_check);
  bool passed = check_tcb_status(checks, policy, verdict);
  passed &= check_evaluation_data_number(checks, policy, collateral);
  if (const TdReport10* report = quote.td_report()) {
    passed &= check_td_attributes(checks, policy, *report);
    passed &= check_service_td(checks, policy, quote);
  }
  if (const EnclaveReport* report = quote.enclave_report()) {
    passed &= check_sgx_debug(checks, *report);
  }
  const bool wanted = check_measurements(checks, policy, quote, verdict);

  Decision decision;
  decision.accepted = verdict.genuine && passed && wanted;
  decision.unpinned = verdict.genuine && passed && !wanted && policy.measurements.empty();
  decision.checks = checks.take();
  return decision;
}

}  // namespace quoin
