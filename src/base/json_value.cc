#include <charconv>
#include <system_error>

#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/json_escape.h"
#include "src/base/try.h"

namespace quoin {
namespace {

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::number:
      return "a number";
    case JsonKind::string:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return "a value";
}

}  // namespace

Result<void> JsonValue::require(JsonKind kind) const {
  if (node().kind == kind) return {};
  return malformed("json: wanted " + std::string(name_of(kind)) + " at byte " +
                   std::to_string(node().begin) + ", found " + std::string(name_of(node().kind)));
}

std::string_view JsonValue::raw() const {
  return document_->text_.substr(node().begin, node().end - node().begin);
}

std::string_view JsonValue::inside_quotes() const {
  return document_->text_.substr(node().begin + 1, node().end - node().begin - 2);
}

std::string JsonValue::unescaped() const {
  return node().has_escapes ? resolve_json_escapes(inside_quotes()) : std::string(inside_quotes());
}

bool JsonValue::spells(std::string_view text) const {
  return node().has_escapes ? unescaped() == text : inside_quotes() == text;
}

Result<bool> JsonValue::boolean() const {
  TRY(require(JsonKind::boolean));
  return raw() == "true";
}

Result<std::string> JsonValue::string() const {
  TRY(require(JsonKind::string));
  return unescaped();
}

Result<std::string_view> JsonValue::plain_string() const {
  TRY(require(JsonKind::string));
  if (!node().has_escapes) return inside_quotes();
  return malformed("json: a string with escapes at byte " + std::to_string(node().begin));
}

Result<uint64_t> JsonValue::unsigned_integer(uint64_t max) const {
  TRY(require(JsonKind::number));
  const std::string_view text = raw();
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (error != std::errc() || end != text.end() || number > max) {
    return malformed("json: wanted an integer from 0 to " + std::to_string(max) + " at byte " +
                     std::to_string(node().begin));
  }
  return number;
}

Result<std::vector<JsonValue>> JsonValue::elements() const {
  TRY(require(JsonKind::array));
  std::vector<JsonValue> elements;
  elements.reserve(node().children);
  size_t index = index_ + 1;
  for (uint32_t i = 0; i < node().children; ++i) {
    elements.push_back({*document_, index});
    index = document_->nodes_[index].next;
  }
  return elements;
}

Result<std::vector<JsonValue::Member>> JsonValue::members() const {
  TRY(require(JsonKind::object));
  std::vector<Member> members;
  members.reserve(node().children);
  size_t index = index_ + 1;
  for (uint32_t i = 0; i < node().children; ++i) {
    const JsonValue name(*document_, index);
    const JsonValue value(*document_, index + 1);
    members.push_back({.name = name.unescaped(), .value = value});
    index = value.node().next;
  }
  return members;
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  size_t index = index_ + 1;
  for (uint32_t i = 0; i < node().children; ++i) {
    const JsonValue value(*document_, index + 1);
    if (JsonValue(*document_, index).spells(name)) return value;
    index = value.node().next;
  }
  return std::nullopt;
}

Result<JsonValue> JsonValue::get(std::string_view name) const {
  TRY(require(JsonKind::object));
  const auto value = find(name);
  if (value) return *value;
  return Error{ErrorCode::not_found, "json: the object at byte " + std::to_string(node().begin) +
                                         " has no member \"" + std::string(name) + "\""};
}

bool JsonValue::has(std::string_view name) const { return is_object() && find(name).has_value(); }

}  // namespace quoin
