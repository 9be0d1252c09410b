#include "src/receipt/json_fields.h"

#include <algorithm>

#include "src/base/base64.h"
#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin {

Result<void> check_members(const JsonValue& object, std::initializer_list<std::string_view> names) {
  const std::vector<JsonValue::Member> members = TRY(object.members());
  for (const JsonValue::Member& member : members) {
    if (std::ranges::find(names, member.name) == names.end()) {
      return malformed("receipt: unknown member \"" + member.name + "\"");
    }
  }
  for (const std::string_view name : names) {
    if (!object.has(name)) return malformed("receipt: no member \"" + std::string(name) + "\"");
  }
  return {};
}

Result<std::string> get_string(const JsonValue& object, std::string_view name) {
  const JsonValue value = TRY(object.get(name));
  return value.string();
}

Result<Bytes> get_base64(const JsonValue& object, std::string_view name) {
  const std::string text = TRY(get_string(object, name));
  return from_base64(text);
}

}  // namespace quoin
