#include <string>

#include "src/base/hex.h"
#include "src/policy/checks.h"
#include "src/policy/rules.h"
#include "src/policy/td_attributes.h"

namespace quoin {
namespace {

constexpr uint8_t kSgxDebug = 0x02;  // SGX attributes, byte 0

// One attribute, or a group of them: which bits are set, and which of them the policy allows.
bool check_bits(CheckList& checks, const Rule& rule, const TdReport10& report, bool passed,
                std::string_view wanted) {
  return checks.add(rule, passed, [&] {
    return CheckText{"td_attributes " + to_hex(report.td_attributes), std::string(wanted)};
  });
}

bool check_td_attributes(CheckList& checks, const Policy& policy, const TdReport10& report) {
  const uint64_t bits = td_attributes::from_bytes(report.td_attributes);
  const auto has = [bits](uint64_t mask) { return (bits & mask) != 0; };
  const uint64_t refused_tud = td_attributes::kTud & ~uint64_t{policy.insecure_allowed_tud_bits};

  bool passed = check_bits(checks, policy_rules::kTdUnderDebug, report, !has(refused_tud),
                           policy.insecure_allowed_tud_bits == 0
                               ? "no bit of the TUD group (0 to 7)"
                               : "no other bit of the TUD group (0 to 7) than the policy allows");
  passed &= check_bits(checks, policy_rules::kTdAttributesReserved, report,
                       !has(td_attributes::kReserved), "no reserved bit");
  passed &= check_bits(checks, policy_rules::kSeptVeDisable, report,
                       has(td_attributes::kSeptVeDisable) || !policy.require_sept_ve_disable,
                       policy.require_sept_ve_disable ? "SEPT_VE_DISABLE (bit 28)" : "anything");
  passed &= check_bits(checks, policy_rules::kMigratable, report,
                       !has(td_attributes::kMigratable) || policy.allow_migratable,
                       policy.allow_migratable ? "anything" : "no MIGRATABLE (bit 29)");
  passed &= check_bits(checks, policy_rules::kPerfmon, report,
                       !has(td_attributes::kPerfmon) || policy.allow_perfmon,
                       policy.allow_perfmon ? "anything" : "no PERFMON (bit 63)");
  return passed;
}

// A field of the report that names a service TD; null where none does.
struct ServiceTdField {
  std::string_view name;
  const ByteArray<48>* hash = nullptr;
};

ServiceTdField bound_service_td(const Quote& quote) {
  if (const TdReport15Extra* report = quote.td_report_15()) {
    if (!all_zero(report->mr_service_td)) return {"mr_service_td", &report->mr_service_td};
  }
  if (const auto* report = std::get_if<TdReport15Ex>(&quote.body)) {
    if (!all_zero(report->init_servtd_hash)) return {"init_servtd_hash", &report->init_servtd_hash};
    if (!all_zero(report->cur_servtd_hash)) return {"cur_servtd_hash", &report->cur_servtd_hash};
  }
  return {};
}

bool check_service_td(CheckList& checks, const Policy& policy, const Quote& quote) {
  const ServiceTdField bound = bound_service_td(quote);
  const bool passed = bound.hash == nullptr || policy.allow_service_td;
  return checks.add(policy_rules::kServiceTd, passed, [&] {
    return CheckText{
        bound.hash == nullptr ? "none bound" : std::string(bound.name) + " " + to_hex(*bound.hash),
        policy.allow_service_td ? "anything" : "no service TD"};
  });
}

bool check_sgx_debug(CheckList& checks, const EnclaveReport& report) {
  return checks.add(policy_rules::kSgxDebug, (report.attributes[0] & kSgxDebug) == 0, [&] {
    return CheckText{"attributes " + to_hex(report.attributes), "no DEBUG (bit 1)"};
  });
}

}  // namespace

bool check_attributes(CheckList& checks, const Policy& policy, const PolicyInput& input) {
  bool passed = true;
  if (const TdReport10* report = input.quote.td_report()) {
    passed &= check_td_attributes(checks, policy, *report);
    passed &= check_service_td(checks, policy, input.quote);
  }
  if (const EnclaveReport* report = input.quote.enclave_report()) {
    passed &= check_sgx_debug(checks, *report);
  }
  return passed;
}

}  // namespace quoin
