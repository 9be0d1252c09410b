// The members of a JSON object in the forms in which Intel writes them, with errors that name the
// member.

#ifndef QUOIN_SRC_COLLATERAL_JSON_OBJECT_H_
#define QUOIN_SRC_COLLATERAL_JSON_OBJECT_H_

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/base/json.h"
#include "src/base/try.h"

namespace quoin {

// The same Error, with the name of the part that it is about in front.
Error about(std::string_view part, Error error);

// The limits under which signed JSON is read. Intel's parser refuses objects deeper than 32
// (intel/confidential-computing.tee.dcap.qvl, TcbInfo.cpp and EnclaveIdentity.cpp); what it signs
// is 6 deep and has about 10 KiB.
inline constexpr JsonLimits kSignedJsonLimits = {.max_bytes = size_t{1} << 20, .max_depth = 32};

// An object of a JsonDocument, which must outlive it and stay where it is. Every getter fails with
// ErrorCode::malformed when the member is missing or has another form, unless it says otherwise.
// Cheap to copy.
class JsonObject {
 public:
  // `what` names the object in errors ("TCB level"); it must outlive this, as a literal does.
  // Fails with malformed when the value is not an object.
  static Result<JsonObject> of(JsonValue value, std::string_view what);

  bool has(std::string_view name) const { return value_.has(name); }

  Result<JsonValue> get(std::string_view name) const;
  Result<JsonObject> object(std::string_view name) const;
  // An array's elements. Fails with too_large when there are more than `max`.
  Result<std::vector<JsonValue>> array(std::string_view name, size_t max) const;
  // A string, escapes resolved.
  Result<std::string> text(std::string_view name) const;
  // A string that holds a time (RFC 3339, UTC, no fractions).
  Result<UtcTime> time(std::string_view name) const;

  // A number that is an integer in the range of T.
  template <std::unsigned_integral T>
  Result<T> number(std::string_view name) const {
    return static_cast<T>(TRY(integer(name, std::numeric_limits<T>::max())));
  }

  // A string of exactly 2 * N hexadecimal digits of either case.
  template <size_t N>
  Result<ByteArray<N>> hex(std::string_view name) const {
    ByteArray<N> bytes{};
    TRY(fill(name, bytes));
    return bytes;
  }

  // "TCB level: tcbStatus: why".
  Error wrong(std::string_view name, std::string_view why) const;

 private:
  JsonObject(JsonValue value, std::string_view what) : value_(value), what_(what) {}
  Error wrong(std::string_view name, const Error& error) const;
  Result<uint64_t> integer(std::string_view name, uint64_t max) const;
  Result<void> fill(std::string_view name, std::span<uint8_t> out) const;

  JsonValue value_;
  std::string_view what_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_COLLATERAL_JSON_OBJECT_H_
