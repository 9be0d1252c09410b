// A tree of what there is to say, which is printed as text for people or as JSON for programs. Not
// a JSON library's type: text and JSON then come from one tree, and its strings need not be UTF-8.

#ifndef QUOIN_SRC_CLI_VALUE_H_
#define QUOIN_SRC_CLI_VALUE_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "quoin/bytes.h"

namespace quoin::cli {

// Null, a boolean, a number, a text, a list, or an object whose members keep their order.
class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;
  using State = std::variant<std::monostate, bool, uint64_t, std::string, List, Object>;

  Value() = default;
  // Templates, so that a pointer does not become a boolean.
  template <std::same_as<bool> Boolean>
  Value(Boolean value) : state_(value) {}
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  Value(Number value) : state_(uint64_t{value}) {}
  Value(std::string value) : state_(std::move(value)) {}
  Value(std::string_view value) : state_(std::string(value)) {}
  Value(const char* value) : state_(std::string(value)) {}
  Value(List value) : state_(std::move(value)) {}
  Value(Object value) : state_(std::move(value)) {}

  // Bytes, as hex.
  static Value hex(ByteView bytes);

  const State& state() const { return state_; }

 private:
  State state_;
};

// As JSON (RFC 8259), two blanks a level, with a line break at the end. Bytes that are no UTF-8
// become U+FFFD.
std::string to_json(const Value& value);

// For people: one member a line, values aligned within each object, in printable ASCII.
std::string to_text(const Value& value);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_VALUE_H_
