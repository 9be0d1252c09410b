#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>

#include "quoin/policy.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/policy/measurement_set.h"

namespace quoin {
namespace {

constexpr size_t kMaxPolicyBytes = size_t{1} << 20;
constexpr int64_t kVersion = 1;

// toml++ 3.3 bounds how deep values nest, and not how long a dotted key is: each dot is a table in
// the one before, and as deep goes the recursion that frees them. A policy has a few in names.
constexpr std::ptrdiff_t kMaxDots = 4096;

// toml++ 3.3 reaches code that it calls unreachable on some letters outside ASCII, such as U+00E4
// where a blank could stand (is_non_ascii_horizontal_whitespace).
Result<void> check_ascii(std::string_view text) {
  const auto other = std::ranges::find_if(text, [](char c) { return static_cast<int8_t>(c) < 0; });
  if (other == text.end()) return {};
  return malformed("policy, line " + std::to_string(1 + std::count(text.begin(), other, '\n')) +
                   ": a character that is not ASCII");
}

Error at(const toml::node& node, std::string what) {
  return malformed("policy, line " + std::to_string(node.source().begin.line) + ": " +
                   std::move(what));
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

// Refuses a key that is not one of `known`: a misspelt rule must not be a rule left out.
Result<void> check_keys(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) == known.end()) {
      std::string names;
      for (const std::string_view name : known) {
        names += (names.empty() ? "" : ", ") + std::string(name);
      }
      return at(node, "unknown key " + in_quotes(key.str()) + ", wanted one of " + names);
    }
  }
  return {};
}

Result<std::string> read_string(const toml::node& node, std::string_view name) {
  const auto* value = node.as_string();
  if (value == nullptr) return at(node, std::string(name) + " is not a string");
  return value->get();
}

// Leaves `out` as it is when the key is not there.
Result<void> read_bool(const toml::table& table, std::string_view name, bool& out) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  const auto* value = node->as_boolean();
  if (value == nullptr) return at(*node, std::string(name) + " is neither true nor false");
  out = value->get();
  return {};
}

template <size_t N>
Result<ByteArray<N>> read_digest(const toml::node& node, std::string_view name) {
  const std::string text = TRY(read_string(node, name));
  ByteArray<N> digest{};
  if (const auto read = from_hex(text, digest); !read.ok()) {
    return at(node, std::string(name) + " is not " + std::to_string(2 * N) + " hex digits");
  }
  return digest;
}

template <size_t N>
Result<void> read_measurement(const toml::table& table, std::string_view name,
                              std::optional<ByteArray<N>>& out) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  out = TRY(read_digest<N>(*node, name));
  return {};
}

// A table under `name`; an empty one when the key is not there.
Result<const toml::table*> read_table(const toml::table& table, std::string_view name) {
  static const toml::table empty;
  const toml::node* node = table.get(name);
  if (node == nullptr) return &empty;
  if (node->as_table() == nullptr) return at(*node, std::string(name) + " is not a table");
  return node->as_table();
}

// An array under `name`; an empty one when the key is not there.
Result<const toml::array*> read_array(const toml::table& table, std::string_view name) {
  static const toml::array empty;
  const toml::node* node = table.get(name);
  if (node == nullptr) return &empty;
  if (node->as_array() == nullptr) return at(*node, std::string(name) + " is not an array");
  return node->as_array();
}

Result<MeasurementSet> read_measurement_set(const toml::node& node) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, "measurements is not an array of tables");
  TRY(check_keys(*table, {"name", "mr_seam", "mr_td", "mr_config_id", "mr_owner", "mr_owner_config",
                          "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mr_enclave"}));
  MeasurementSet set;
  const toml::node* name = table->get("name");
  if (name == nullptr) return at(node, "a measurement set has no name");
  set.name = TRY(read_string(*name, "name"));

  Result<void> status;
  td_measurement_fields(set, [&](std::string_view field, auto& out, auto) {
    if (status.ok()) status = read_measurement(*table, field, out);
  });
  TRY(std::move(status));
  TRY(read_measurement(*table, "mr_enclave", set.mr_enclave));
  if (!pins_td(set) && !pins_enclave(set)) {
    return at(node, "measurement set " + in_quotes(set.name) +
                        " does not pin what ran: wanted mr_td, rtmr0, rtmr1 and rtmr2, or "
                        "mr_enclave");
  }
  if (names_td_measurement(set) && set.mr_enclave) {
    return at(node, "measurement set " + in_quotes(set.name) +
                        " names measurements of a TD and of an enclave: nothing has both");
  }
  return set;
}

Result<void> read_measurements(const toml::table& file, Policy& policy) {
  const toml::array* sets = TRY(read_array(file, "measurements"));
  for (const toml::node& node : *sets) {
    policy.measurements.push_back(TRY(read_measurement_set(node)));
  }
  return {};
}

Result<TcbStatus> read_tcb_status(const toml::node& node) {
  const std::string name = TRY(read_string(node, "statuses"));
  const TcbStatus status = parse_tcb_status(name);
  const bool acceptable = status != TcbStatus::unrecognized && status != TcbStatus::revoked &&
                          status != TcbStatus::not_supported;
  if (!acceptable) return at(node, in_quotes(name) + " is no TCB status that can be accepted");
  return status;
}

Result<void> read_tcb(const toml::table& file, Policy& policy) {
  const toml::table* tcb = TRY(read_table(file, "tcb"));
  TRY(check_keys(*tcb, {"statuses", "minimum_evaluation_data_number"}));
  if (tcb->contains("statuses")) {
    const toml::array* statuses = TRY(read_array(*tcb, "statuses"));
    policy.tcb_statuses.clear();
    for (const toml::node& node : *statuses) {
      policy.tcb_statuses.push_back(TRY(read_tcb_status(node)));
    }
  }
  if (const toml::node* node = tcb->get("minimum_evaluation_data_number")) {
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < 0 || value->get() > UINT32_MAX) {
      return at(*node, "minimum_evaluation_data_number is not a number from 0 to 4294967295");
    }
    policy.minimum_tcb_evaluation_data_number = static_cast<uint32_t>(value->get());
  }
  return {};
}

Result<void> read_td_attributes(const toml::table& file, Policy& policy) {
  const toml::table* attributes = TRY(read_table(file, "td_attributes"));
  TRY(check_keys(*attributes, {"require_sept_ve_disable", "allow_migratable", "allow_perfmon",
                               "allow_service_td"}));
  TRY(read_bool(*attributes, "require_sept_ve_disable", policy.require_sept_ve_disable));
  TRY(read_bool(*attributes, "allow_migratable", policy.allow_migratable));
  TRY(read_bool(*attributes, "allow_perfmon", policy.allow_perfmon));
  TRY(read_bool(*attributes, "allow_service_td", policy.allow_service_td));
  return {};
}

Result<void> read_receipt(const toml::table& file, Policy& policy) {
  const toml::table* receipt = TRY(read_table(file, "receipt"));
  TRY(check_keys(*receipt, {"modules"}));
  const toml::array* modules = TRY(read_array(*receipt, "modules"));
  if (receipt->contains("modules") && modules->empty()) {
    return at(*modules, "modules is empty: leave it out to accept every module");
  }
  for (const toml::node& node : *modules) {
    policy.modules.push_back(TRY(read_digest<32>(node, "modules")));
  }
  return {};
}

Result<void> read_trust_roots(const toml::table& file, Policy& policy) {
  const toml::array* roots = TRY(read_array(file, "trust_roots"));
  for (const toml::node& node : *roots) {
    const std::string pem = TRY(read_string(node, "trust_roots"));
    Result<TrustRoot> root = TrustRoot::parse(as_bytes(pem));
    if (!root.ok()) return at(node, root.error().what);
    policy.trust_roots.push_back(std::move(root).value());
  }
  return {};
}

Result<void> check_version(const toml::table& file) {
  const toml::node* version = file.get("version");
  if (version == nullptr) return malformed("policy: no version, wanted version = 1");
  if (version->value_exact<int64_t>() != kVersion) return at(*version, "version is not 1");
  return {};
}

}  // namespace

Result<Policy> parse_policy(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) return too_large("policy: over 1 MiB");
  if (std::ranges::count(text, '.') > kMaxDots) return too_large("policy: more than 4096 dots");
  TRY(check_ascii(text));
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    return malformed("policy, line " + std::to_string(parsed.error().source().begin.line) + ": " +
                     std::string(parsed.error().description()));
  }
  const toml::table& file = parsed.table();
  TRY(check_version(file));
  TRY(check_keys(file,
                 {"version", "measurements", "tcb", "td_attributes", "receipt", "trust_roots"}));
  Policy policy;
  TRY(read_measurements(file, policy));
  TRY(read_tcb(file, policy));
  TRY(read_td_attributes(file, policy));
  TRY(read_receipt(file, policy));
  TRY(read_trust_roots(file, policy));
  return policy;
}

}  // namespace quoin
