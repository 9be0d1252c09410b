#include "src/policy/toml_reader.h"

#include <algorithm>
#include <utility>

#include "src/base/error.h"
#include "src/base/text.h"

namespace quoin::toml_reader {

Error at(const toml::node& node, std::string what) {
  return malformed("policy, line " + std::to_string(node.source().begin.line) + ": " +
                   std::move(what));
}

Result<void> check_keys(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : table) {
    if (std::ranges::find(known, key.str()) != known.end()) continue;
    std::string names;
    for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
    return at(node, "unknown key " + in_quotes(key.str()) + ", wanted one of " + names);
  }
  return {};
}

Result<std::string> read_string(const toml::node& node, std::string_view name) {
  const auto* value = node.as_string();
  if (value == nullptr) return at(node, std::string(name) + " is not a string");
  return value->get();
}

Result<uint32_t> read_number(const toml::node& node, std::string_view name, uint32_t most) {
  const auto* value = node.as_integer();
  if (value == nullptr || value->get() < 0 || value->get() > int64_t{most}) {
    return at(node, std::string(name) + " is not a number from 0 to " + std::to_string(most));
  }
  return static_cast<uint32_t>(value->get());
}

Result<void> read_bool(const toml::table& table, std::string_view name, bool& out) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  if (node->as_boolean() == nullptr) {
    return at(*node, std::string(name) + " is neither true nor false");
  }
  out = node->as_boolean()->get();
  return {};
}

Result<void> read_number(const toml::table& table, std::string_view name, uint32_t most,
                         uint32_t& out) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  out = TRY(read_number(*node, name, most));
  return {};
}

Result<const toml::table*> read_table(const toml::table& table, std::string_view name) {
  static const toml::table empty;
  const toml::node* node = table.get(name);
  if (node == nullptr) return &empty;
  if (node->as_table() == nullptr) return at(*node, std::string(name) + " is not a table");
  return node->as_table();
}

Result<const toml::array*> read_array(const toml::table& table, std::string_view name) {
  static const toml::array empty;
  const toml::node* node = table.get(name);
  if (node == nullptr) return &empty;
  if (node->as_array() == nullptr) return at(*node, std::string(name) + " is not an array");
  return node->as_array();
}

Result<std::vector<std::string>> read_strings(const toml::table& table, std::string_view name) {
  const toml::array* array = TRY(read_array(table, name));
  std::vector<std::string> strings;
  for (const toml::node& node : *array) strings.push_back(TRY(read_string(node, name)));
  return strings;
}

}  // namespace quoin::toml_reader
