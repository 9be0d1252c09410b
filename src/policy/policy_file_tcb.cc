#include <algorithm>
#include <string>
#include <utility>

#include "src/base/text.h"
#include "src/policy/acceptable_status.h"
#include "src/policy/policy_file.h"

namespace quoin {
namespace {

using toml_reader::at;
using toml_reader::check_keys;
using toml_reader::read_array;
using toml_reader::read_bool;
using toml_reader::read_number;
using toml_reader::read_string;
using toml_reader::read_strings;
using toml_reader::read_table;

// As in TCB info.
constexpr size_t kMaxAdvisoryBytes = 64;

Result<TcbStatus> read_tcb_status(const toml::node& node) {
  const std::string name = TRY(read_string(node, "statuses"));
  const TcbStatus status = parse_tcb_status(name);
  if (!can_be_accepted(status))
    return at(node, in_quotes(name) + " is no TCB status that can be accepted");
  return status;
}

// "INTEL-SA-00615" and the like. A denied advisory that is misspelt would be one that is accepted.
bool is_advisory_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxAdvisoryBytes && std::ranges::all_of(name, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<std::vector<std::string>> read_advisories(const toml::table& table, std::string_view name) {
  std::vector<std::string> ids = TRY(read_strings(table, name));
  const auto bad = std::ranges::find_if_not(ids, is_advisory_name);
  if (bad != ids.end()) {
    return at(*table.get(name), std::string(name) + " holds " + in_quotes(*bad) +
                                    ", wanted names like INTEL-SA-00615");
  }
  return ids;
}

}  // namespace

Result<void> read_tcb(const toml::table& file, Policy& policy) {
  const toml::table* tcb = TRY(read_table(file, "tcb"));
  TRY(check_keys(*tcb, {"statuses", "allowed_advisories", "denied_advisories", "grace_period_days",
                        "minimum_evaluation_data_number", "maximum_collateral_age_days",
                        "stale_collateral_on_error"}));
  if (tcb->contains("statuses")) {
    const toml::array* statuses = TRY(read_array(*tcb, "statuses"));
    policy.tcb_statuses.clear();
    for (const toml::node& node : *statuses) {
      policy.tcb_statuses.push_back(TRY(read_tcb_status(node)));
    }
  }
  if (tcb->contains("allowed_advisories")) {
    policy.allowed_advisories = TRY(read_advisories(*tcb, "allowed_advisories"));
  }
  policy.denied_advisories = TRY(read_advisories(*tcb, "denied_advisories"));
  TRY(read_number(*tcb, "grace_period_days", kMaxPolicyDays, policy.grace_period_days));
  TRY(read_number(*tcb, "minimum_evaluation_data_number", UINT32_MAX,
                  policy.minimum_tcb_evaluation_data_number));
  if (const toml::node* node = tcb->get("maximum_collateral_age_days")) {
    policy.maximum_collateral_age_days =
        TRY(read_number(*node, "maximum_collateral_age_days", kMaxPolicyDays));
  }
  TRY(read_bool(*tcb, "stale_collateral_on_error", policy.stale_collateral_on_error));
  return {};
}

}  // namespace quoin
