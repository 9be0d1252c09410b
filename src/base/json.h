// A JSON reader for hostile input (RFC 8259): strict, bounded, and exact about where each value
// stands, since what Intel signs is a range of bytes.

#ifndef QUOIN_SRC_BASE_JSON_H_
#define QUOIN_SRC_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

struct JsonLimits {
  // Of the text. Texts of 4 GiB and more are refused whatever this says.
  size_t max_bytes = size_t{4} << 20;
  // Arrays and objects that are open at once: 0 allows only a scalar.
  size_t max_depth = 16;
  // Values, the outermost included, and the names of members, which count as one each.
  size_t max_values = 200'000;
};

// What to do with a member name that stands twice in one object. Names are compared with their
// escapes resolved.
enum class RepeatedNames : uint8_t {
  refuse,
  // For texts that others have signed: what counts is what they would read. The first member of a
  // name counts, and repeated_name() says that there are others.
  record,
};

enum class JsonKind : uint8_t { null, boolean, number, string, array, object };

class JsonValue;

// A parsed text. Refuses what RFC 8259 does not allow, and besides: a member name that stands
// twice in one object, unless the caller asks otherwise, a byte order mark, UTF-8 that is not
// valid, and unpaired surrogates. Keeps a view of the text, which must outlive it. Immutable, so
// safe to share between threads.
class JsonDocument {
 public:
  // Time is O(n log n) in the size of the text and memory O(n), whatever the text is; the stack
  // does not grow with its depth. Fails with ErrorCode::too_large over a limit, and with
  // ErrorCode::malformed on everything else that it refuses.
  static Result<JsonDocument> parse(ByteView text, const JsonLimits& limits = {},
                                    RepeatedNames repeated = RepeatedNames::refuse);

  JsonValue root() const;

  // A name that stands twice in one object, escapes resolved: one of them, the same for the same
  // text. Nothing where there is none, and so wherever they are refused.
  const std::optional<std::string>& repeated_name() const { return repeated_name_; }

 private:
  friend class JsonValue;
  friend class JsonParser;

  // Values stand in the order of the text: children follow their parent. In an object, each
  // member is a string node (its name) and then the value's node.
  // Each node takes at least one byte of the text, whose size has 32 bits: so has everything here.
  struct Node {
    JsonKind kind = JsonKind::null;
    bool has_escapes = false;  // a string that contains a backslash
    uint32_t begin = 0;        // the first byte of the value in the text
    uint32_t end = 0;          // one past its last
    uint32_t children = 0;     // elements, or members
    uint32_t next = 0;         // the node that stands behind this value and all its children
  };

  explicit JsonDocument(std::string_view text) : text_(text) {}

  std::string_view text_;
  std::vector<Node> nodes_;
  std::optional<std::string> repeated_name_;
};

// One value of a document, which must outlive it and stay where it is: moving the document ends
// the values that came from it. Cheap to copy. Every getter fails with ErrorCode::malformed when
// the value is of another kind; lookups fail with ErrorCode::not_found.
class JsonValue {
 public:
  JsonKind kind() const { return node().kind; }
  bool is_null() const { return kind() == JsonKind::null; }
  bool is_string() const { return kind() == JsonKind::string; }
  bool is_object() const { return kind() == JsonKind::object; }
  bool is_array() const { return kind() == JsonKind::array; }

  // The exact bytes of the value in the text, from its first to its last.
  std::string_view raw() const;

  Result<bool> boolean() const;
  // A string without its quotes, escapes resolved.
  Result<std::string> string() const;
  // A string that contains no escapes, as a view of the text. What Intel writes has none.
  Result<std::string_view> plain_string() const;
  // A number that is written as a non-negative integer without sign, fraction or exponent, at
  // most `max`. Fails with ErrorCode::malformed on any other.
  Result<uint64_t> unsigned_integer(uint64_t max) const;

  // The elements of an array, in order.
  Result<std::vector<JsonValue>> elements() const;

  struct Member;
  // The members of an object, in order.
  Result<std::vector<Member>> members() const;
  // The member of that name, the first where it is repeated. Looks at one member after the other:
  // where there can be many, ask for members() once.
  Result<JsonValue> get(std::string_view name) const;
  // Whether this is an object with a member of that name.
  bool has(std::string_view name) const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument& document, size_t index) : document_(&document), index_(index) {}
  const JsonDocument::Node& node() const { return document_->nodes_[index_]; }
  Result<void> require(JsonKind kind) const;
  std::string_view inside_quotes() const;
  std::string unescaped() const;
  bool spells(std::string_view text) const;
  std::optional<JsonValue> find(std::string_view name) const;

  const JsonDocument* document_;
  size_t index_;
};

struct JsonValue::Member {
  std::string name;
  JsonValue value;
};

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_JSON_H_
