// Reading JSON objects of which every member must be known.

#ifndef QUOIN_SRC_RECEIPT_JSON_FIELDS_H_
#define QUOIN_SRC_RECEIPT_JSON_FIELDS_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/base/json.h"

namespace quoin {

// Fails with malformed unless `object` is an object with exactly these members.
Result<void> check_members(const JsonValue& object, std::initializer_list<std::string_view> names);

// The string member of that name.
Result<std::string> get_string(const JsonValue& object, std::string_view name);

// The string member of that name, Base64-decoded (standard alphabet, with padding).
Result<Bytes> get_base64(const JsonValue& object, std::string_view name);

}  // namespace quoin

#endif  // QUOIN_SRC_RECEIPT_JSON_FIELDS_H_
