#include "src/policy/policy_file.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "src/base/error.h"

namespace quoin {
namespace {

using toml_reader::at;
using toml_reader::check_keys;
using toml_reader::read_array;
using toml_reader::read_bool;
using toml_reader::read_digest;
using toml_reader::read_number;
using toml_reader::read_string;
using toml_reader::read_table;

constexpr size_t kMaxPolicyBytes = size_t{1} << 20;
constexpr int64_t kVersion = 1;
constexpr uint32_t kLastTudBit = 7;

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

Result<void> read_td_attributes(const toml::table& file, Policy& policy) {
  const toml::table* attributes = TRY(read_table(file, "td_attributes"));
  TRY(check_keys(*attributes, {"require_sept_ve_disable", "allow_migratable", "allow_perfmon",
                               "allow_service_td", "insecure_allow_tud_bits"}));
  TRY(read_bool(*attributes, "require_sept_ve_disable", policy.require_sept_ve_disable));
  TRY(read_bool(*attributes, "allow_migratable", policy.allow_migratable));
  TRY(read_bool(*attributes, "allow_perfmon", policy.allow_perfmon));
  TRY(read_bool(*attributes, "allow_service_td", policy.allow_service_td));
  const toml::array* bits = TRY(read_array(*attributes, "insecure_allow_tud_bits"));
  for (const toml::node& node : *bits) {
    const uint32_t bit = TRY(read_number(node, "insecure_allow_tud_bits", kLastTudBit));
    policy.insecure_allowed_tud_bits =
        static_cast<uint8_t>(policy.insecure_allowed_tud_bits | 1u << bit);
  }
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

Result<Policy> parse_policy(std::string_view text, const PolicyFileReader& read_file) {
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
  TRY(check_keys(file, {"version", "measurements", "tcb", "platforms", "td_attributes", "receipt",
                        "trust_roots"}));
  Policy policy;
  TRY(read_measurements(file, policy));
  TRY(read_tcb(file, policy));
  TRY(read_platforms(file, read_file, policy));
  TRY(read_td_attributes(file, policy));
  TRY(read_receipt(file, policy));
  TRY(read_trust_roots(file, policy));
  return policy;
}

}  // namespace quoin
