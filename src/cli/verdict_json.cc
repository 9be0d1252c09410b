#include "src/cli/verdict_json.h"

#include <string>
#include <utility>

#include "src/base/hex.h"
#include "src/cli/describe.h"

namespace quoin::cli {
namespace {

Value optional_text(const std::optional<UtcTime>& time) {
  return time ? Value(to_string(*time)) : Value();
}

// Intel's name. A level with a status that nobody knows has not determined anything: the check
// "tcb_level" says so.
Value tcb_status(const std::optional<TcbStatus>& status) {
  if (!status || *status == TcbStatus::unrecognized) return {};
  return to_string(*status);
}

Value describe_platform(const std::optional<PlatformIdentity>& platform) {
  if (!platform) return {};
  return Value::Object{
      {"fmspc", Value::hex(platform->fmspc)},
      {"pce_id", Value::hex(platform->pce_id)},
      {"ppid", Value::hex(platform->ppid)},
      {"platform_instance_id",
       platform->platform_instance_id ? Value::hex(*platform->platform_instance_id) : Value()},
  };
}

Value::List describe_checks(const std::vector<Check>& checks) {
  Value::List list;
  for (const Check& check : checks) {
    list.emplace_back(Value::Object{
        {"id", check.id},
        {"passed", check.passed},
        {"seen", check.seen},
        {"wanted", check.wanted},
        {"rule", check.rule},
        {"advice", check.advice},
    });
  }
  return list;
}

}  // namespace

Value verdict_value(const Evidence& evidence, const Verification& verification) {
  const Verdict& verdict = verification.verdict;
  const Check* reason = verification.reason();
  Value::List advisories(verdict.advisory_ids.begin(), verdict.advisory_ids.end());
  return Value::Object{
      {"genuine", verification.genuine},
      {"accepted", verification.accepted},
      {"simulated", verification.simulated},
      {"tcb_status", tcb_status(verdict.tcb_status)},
      {"tcb_date", optional_text(verdict.tcb_date)},
      {"advisories", std::move(advisories)},
      {"valid_until", optional_text(verdict.valid_until)},
      {"exit_status", static_cast<uint64_t>(verification.exit_status())},
      {"reason", reason != nullptr ? Value(reason->id) : Value()},
      {"error", Value()},
      {"at", to_string(verification.at)},
      {"at_is_claimed", verification.at_is_claimed},
      {"evidence", evidence.receipt ? "receipt" : "quote"},
      {"platform", describe_platform(verdict.platform)},
      {"measurements", describe_measurements(evidence.quote)},
      {"statement", evidence.statement ? Value(describe(*evidence.statement)) : Value()},
      {"checks", describe_checks(verification.checks)},
  };
}

Value no_verdict_value(const Error& error, int exit_status) {
  return Value::Object{
      {"genuine", false},
      {"accepted", false},
      {"simulated", false},
      {"tcb_status", Value()},
      {"tcb_date", Value()},
      {"advisories", Value::List()},
      {"valid_until", Value()},
      {"exit_status", static_cast<uint64_t>(exit_status)},
      {"reason", Value()},
      {"error",
       Value::Object{{"code", to_string(error.code)}, {"what", error.what}, {"hint", error.hint}}},
      {"checks", Value::List()},
  };
}

}  // namespace quoin::cli
