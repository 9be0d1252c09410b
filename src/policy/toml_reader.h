// Reading a policy's TOML: keys that are known, values of the right kind, errors that name the
// line.

#ifndef QUOIN_SRC_POLICY_TOML_READER_H_
#define QUOIN_SRC_POLICY_TOML_READER_H_

#include <toml++/toml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/base/hex.h"
#include "src/base/try.h"

namespace quoin::toml_reader {

// Malformed, with the line at which `node` stands.
Error at(const toml::node& node, std::string what);

// Refuses a key that is not one of `known`: a misspelt rule must not be a rule left out.
Result<void> check_keys(const toml::table& table, std::initializer_list<std::string_view> known);

// The value that stands there. `name` is its key, for errors.
Result<std::string> read_string(const toml::node& node, std::string_view name);
Result<uint32_t> read_number(const toml::node& node, std::string_view name, uint32_t most);

// Hex digits, exactly as many as N bytes have.
template <size_t N>
Result<ByteArray<N>> read_digest(const toml::node& node, std::string_view name) {
  const std::string text = TRY(read_string(node, name));
  ByteArray<N> digest{};
  if (const auto read = from_hex(text, digest); !read.ok()) {
    return at(node, std::string(name) + " is not " + std::to_string(2 * N) + " hex digits");
  }
  return digest;
}

// These leave `out` as it is when the key is not there.
Result<void> read_bool(const toml::table& table, std::string_view name, bool& out);
Result<void> read_number(const toml::table& table, std::string_view name, uint32_t most,
                         uint32_t& out);
template <size_t N>
Result<void> read_digest(const toml::table& table, std::string_view name,
                         std::optional<ByteArray<N>>& out) {
  const toml::node* node = table.get(name);
  if (node == nullptr) return {};
  out = TRY(read_digest<N>(*node, name));
  return {};
}

// A table or an array under `name`; an empty one when the key is not there.
Result<const toml::table*> read_table(const toml::table& table, std::string_view name);
Result<const toml::array*> read_array(const toml::table& table, std::string_view name);
// An array of strings; an empty one when the key is not there.
Result<std::vector<std::string>> read_strings(const toml::table& table, std::string_view name);

}  // namespace quoin::toml_reader

#endif  // QUOIN_SRC_POLICY_TOML_READER_H_
