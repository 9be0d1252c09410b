#include "src/collateral/json_object.h"

#include <utility>

#include "src/base/error.h"
#include "src/base/hex.h"

namespace quoin {

Error about(std::string_view part, Error error) {
  error.what.insert(0, std::string(part) + ": ");
  return error;
}

Result<JsonObject> JsonObject::of(JsonValue value, std::string_view what) {
  if (!value.is_object()) return malformed(std::string(what) + ": not a JSON object");
  return JsonObject(value, what);
}

Error JsonObject::wrong(std::string_view name, std::string_view why) const {
  return malformed(std::string(what_) + ": " + std::string(name) + ": " + std::string(why));
}

Error JsonObject::wrong(std::string_view name, const Error& error) const {
  return wrong(name, error.what);
}

Result<JsonValue> JsonObject::get(std::string_view name) const {
  const auto value = value_.get(name);
  if (!value.ok()) return wrong(name, "missing");
  return *value;
}

Result<JsonObject> JsonObject::object(std::string_view name) const {
  const auto value = TRY(get(name));
  if (!value.is_object()) return wrong(name, "not an object");
  return JsonObject(value, what_);
}

Result<std::vector<JsonValue>> JsonObject::array(std::string_view name, size_t max) const {
  auto elements = TRY(get(name)).elements();
  if (!elements.ok()) return wrong(name, elements.error());
  if (elements->size() > max) {
    return too_large(std::string(what_) + ": " + std::string(name) + ": more than " +
                     std::to_string(max) + " entries");
  }
  return std::move(elements).value();
}

Result<std::string> JsonObject::text(std::string_view name) const {
  auto text = TRY(get(name)).string();
  if (!text.ok()) return wrong(name, text.error());
  return std::move(text).value();
}

Result<UtcTime> JsonObject::time(std::string_view name) const {
  const auto time = parse_rfc3339(TRY(text(name)));
  if (!time.ok()) return wrong(name, time.error());
  return *time;
}

Result<uint64_t> JsonObject::integer(std::string_view name, uint64_t max) const {
  const auto number = TRY(get(name)).unsigned_integer(max);
  if (!number.ok()) return wrong(name, number.error());
  return *number;
}

Result<void> JsonObject::fill(std::string_view name, std::span<uint8_t> out) const {
  const auto digits = TRY(text(name));
  const auto filled = from_hex(digits, out);
  if (!filled.ok()) return wrong(name, filled.error());
  return {};
}

}  // namespace quoin
