// What parses keeps its promises: the root's range is the text but for blanks around it, and each
// value's range is a JSON text of its own, of the same kind and with the same parts. Where names
// may be repeated the same texts are read, and those besides in which one is.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "src/base/json.h"

namespace {

using quoin::JsonDocument;
using quoin::JsonValue;
using quoin::RepeatedNames;
using quoin::fuzz::require;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(text.find_first_not_of(kBlanks));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// Re-parses once a level, which the default depth bounds.
void check(const JsonValue& value) {
  const auto again = JsonDocument::parse(quoin::as_bytes(value.raw()));
  require(again.ok() && again->root().kind() == value.kind());
  require(again->root().raw() == value.raw());
  if (value.is_string()) require(*again->root().string() == *value.string());
  if (value.is_array()) {
    for (const JsonValue& element : *value.elements()) check(element);
  }
  if (value.is_object()) {
    for (const JsonValue::Member& member : *value.members()) {
      require(value.get(member.name)->raw() == member.value.raw());
      check(member.value);
    }
  }
}

// Of the members of one name get() gives the first.
void check_first_counts(const JsonValue& value) {
  if (!value.is_object()) return;
  std::set<std::string> seen;
  for (const JsonValue::Member& member : *value.members()) {
    const bool is_first = seen.insert(member.name).second;
    const JsonValue found = *value.get(member.name);
    require((found.raw().data() == member.value.raw().data()) == is_first);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const quoin::ByteView text(data, size);
  const auto document = JsonDocument::parse(text);
  const auto recorded = JsonDocument::parse(text, {}, RepeatedNames::record);
  if (recorded.ok()) {
    require(document.ok() != recorded->repeated_name().has_value());
    check_first_counts(recorded->root());
  }
  if (!document.ok()) return 0;
  require(recorded.ok() && !document->repeated_name());
  require(document->root().raw() == trimmed(quoin::as_text(text)));
  check(document->root());
  return 0;
}
