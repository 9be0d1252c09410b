// A JSON reader for hostile input (RFC 8259): strict, bounded, and exact about where each value
// stands, since what Intel signs is a range of bytes.

#ifndef QUOIN_SRC_BASE_JSON_H_
#define QUOIN_SRC_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

struct JsonLimits {
  size_t max_bytes = size_t{4} << 20;
  size_t max_depth = 16;
  size_t max_values = 200'000;
};

class JsonValue;

// A parsed text. Refuses what RFC 8259 does not allow, and besides: a member name that stands
// twice in one object, a byte order mark, UTF-8 that is not valid, unpaired surrogates, and
// anything over the limits. Keeps a view of the text, which must outlive it. Immutable, so safe
// to share between threads.
class JsonDocument {
 public:
  static Result<JsonDocument> parse(ByteView text, const JsonLimits& limits = {});

  JsonValue root() const;

 private:
  friend class JsonValue;
  friend class JsonParser;

  enum class Kind : uint8_t { null, boolean, number, string, array, object };

  // Values stand in the order of the text: children follow their parent. In an object, each
  // member is a string node (its name) and then the value's node.
  struct Node {
    Kind kind = Kind::null;
    bool has_escapes = false;  // a string that contains a backslash
    size_t begin = 0;          // the first byte of the value in the text
    size_t end = 0;            // one past its last
    size_t children = 0;       // elements, or members
    size_t next = 0;           // the node that stands behind this value and all its children
  };

  std::string_view text_;
  std::vector<Node> nodes_;
};

// One value of a document, which must outlive it. Cheap to copy. Every getter fails with
// ErrorCode::malformed when the value is of another kind; lookups fail with ErrorCode::not_found.
class JsonValue {
 public:
  bool is_null() const;
  bool is_string() const;
  bool is_object() const;
  bool is_array() const;

  // The exact bytes of the value in the text, from its first to its last.
  std::string_view raw() const;

  Result<bool> boolean() const;
  // A string without its quotes, escapes resolved.
  Result<std::string> string() const;
  // A string that contains no escapes, as a view of the text. What Intel writes has none.
  Result<std::string_view> plain_string() const;
  // A number that is written as a non-negative integer without fraction or exponent, at most
  // `max`.
  Result<uint64_t> unsigned_integer(uint64_t max) const;

  // The elements of an array, in order.
  Result<std::vector<JsonValue>> elements() const;

  struct Member;
  // The members of an object, in order.
  Result<std::vector<Member>> members() const;
  // The member of that name.
  Result<JsonValue> get(std::string_view name) const;
  // Whether this is an object with a member of that name.
  bool has(std::string_view name) const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument& document, size_t index) : document_(&document), index_(index) {}
  const JsonDocument::Node& node() const { return document_->nodes_[index_]; }
  JsonValue at(size_t index) const { return {*document_, index}; }

  const JsonDocument* document_;
  size_t index_;
};

struct JsonValue::Member {
  std::string name;
  JsonValue value;
};

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_JSON_H_
