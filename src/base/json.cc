#include "src/base/json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <list>

#include "src/base/error.h"
#include "src/base/json_escape.h"
#include "src/base/try.h"
#include "src/base/utf8.h"

namespace quoin {
namespace {

constexpr uint32_t kNoNode = std::numeric_limits<uint32_t>::max();
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a byte of a string means itself: ASCII that is no control character, and neither ends the
// string nor begins an escape.
constexpr std::array<bool, 256> make_plain_bytes() {
  std::array<bool, 256> plain{};
  for (size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}

constexpr std::array<bool, 256> kPlainBytes = make_plain_bytes();

}  // namespace

// One parse. Containers are not parsed by recursion: while one is open, its node's `next` holds
// the node of the container around it.
class JsonParser {
 public:
  JsonParser(std::string_view text, const JsonLimits& limits, RepeatedNames repeated)
      : text_(text), limits_(limits), repeated_(repeated), document_(text) {}

  Result<JsonDocument> run() {
    if (text_.size() > limits_.max_bytes || text_.size() >= kNoNode) {
      return too_large("json: " + std::to_string(text_.size()) + " bytes");
    }
    // Collateral has a node in every four bytes or so: it needs no second allocation.
    nodes().reserve(std::min(text_.size() / 4 + 1, limits_.max_values));
    TRY(begin_value());
    while (open_ != kNoNode) TRY(step());
    skip_blanks();
    if (at_ != text_.size()) return unexpected("the end");
    return std::move(document_);
  }

 private:
  using Node = JsonDocument::Node;

  std::vector<Node>& nodes() { return document_.nodes_; }

  Error unexpected(std::string_view wanted) const {
    return malformed("json: wanted " + std::string(wanted) + " at byte " + std::to_string(at_));
  }

  bool at_end() const { return at_ == text_.size(); }

  bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  void skip_blanks() {
    while (next_is(' ') || next_is('\n') || next_is('\r') || next_is('\t')) ++at_;
  }

  // A new node that begins here.
  Result<uint32_t> begin(JsonKind kind) {
    if (nodes().size() >= limits_.max_values) {
      return too_large("json: more than " + std::to_string(limits_.max_values) + " values");
    }
    const auto index = static_cast<uint32_t>(nodes().size());
    nodes().push_back({.kind = kind, .begin = static_cast<uint32_t>(at_)});
    return index;
  }

  // The node's value, with all its children, ends here.
  void end(uint32_t index) {
    nodes()[index].end = static_cast<uint32_t>(at_);
    nodes()[index].next = static_cast<uint32_t>(nodes().size());
  }

  // A scalar, or the beginning of a container.
  Result<void> begin_value() {
    skip_blanks();
    if (at_end()) return unexpected("a value");
    switch (text_[at_]) {
      case '{':
        return open(JsonKind::object);
      case '[':
        return open(JsonKind::array);
      case '"':
        return string();
      case 't':
        return literal(JsonKind::boolean, "true");
      case 'f':
        return literal(JsonKind::boolean, "false");
      case 'n':
        return literal(JsonKind::null, "null");
      default:
        return number();
    }
  }

  Result<void> open(JsonKind kind) {
    if (depth_ >= limits_.max_depth) {
      return too_large("json: deeper than " + std::to_string(limits_.max_depth));
    }
    ++depth_;
    const uint32_t index = TRY(begin(kind));
    nodes()[index].next = open_;
    open_ = index;
    ++at_;
    return {};
  }

  // The next element or member of the innermost open container, or its end.
  Result<void> step() {
    const bool is_object = nodes()[open_].kind == JsonKind::object;
    skip_blanks();
    if (take(is_object ? '}' : ']')) return close();
    if (nodes()[open_].children > 0) {
      if (!take(',')) return unexpected(is_object ? "',' or '}'" : "',' or ']'");
      skip_blanks();
    }
    ++nodes()[open_].children;
    if (is_object) {
      if (!next_is('"')) return unexpected("a member's name");
      TRY(string());
      skip_blanks();
      if (!take(':')) return unexpected("':'");
    }
    return begin_value();
  }

  Result<void> close() {
    const uint32_t index = open_;
    open_ = nodes()[index].next;
    --depth_;
    end(index);
    if (nodes()[index].kind == JsonKind::object) TRY(look_for_repeated(index));
    return {};
  }

  // Sorts the names: an object may have as many members as the limits allow.
  Result<void> look_for_repeated(uint32_t object) {
    const uint32_t members = nodes()[object].children;
    if (members < 2 || document_.repeated_name_) return {};
    names_.clear();
    std::list<std::string> resolved;
    for (uint32_t i = 0, name = object + 1; i < members; ++i, name = nodes()[name + 1].next) {
      const Node& node = nodes()[name];
      const std::string_view inside = text_.substr(node.begin + 1, node.end - node.begin - 2);
      names_.push_back(node.has_escapes ? resolved.emplace_back(resolve_json_escapes(inside))
                                        : inside);
    }
    // By size first, since most comparisons end there.
    std::ranges::sort(names_, [](std::string_view a, std::string_view b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    const auto repeated = std::ranges::adjacent_find(names_);
    if (repeated == names_.end()) return {};
    if (repeated_ == RepeatedNames::record) {
      document_.repeated_name_.emplace(*repeated);
      return {};
    }
    return malformed("json: a name stands twice in the object at byte " +
                     std::to_string(nodes()[object].begin));
  }

  Result<void> literal(JsonKind kind, std::string_view spelling) {
    const uint32_t index = TRY(begin(kind));
    if (!text_.substr(at_).starts_with(spelling)) return unexpected(spelling);
    at_ += spelling.size();
    end(index);
    return {};
  }

  Result<void> digits() {
    if (at_end() || !is_digit(text_[at_])) return unexpected("a digit");
    while (!at_end() && is_digit(text_[at_])) ++at_;
    return {};
  }

  // RFC 8259, section 6.
  Result<void> number() {
    if (!next_is('-') && !is_digit(text_[at_])) return unexpected("a value");
    const uint32_t index = TRY(begin(JsonKind::number));
    take('-');
    if (!take('0')) TRY(digits());
    if (take('.')) TRY(digits());
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      TRY(digits());
    }
    end(index);
    return {};
  }

  // Most of a text, a byte at a time.
  void skip_plain_bytes() {
    const char* const end = text_.data() + text_.size();
    const char* next = text_.data() + at_;
    while (next != end && kPlainBytes[static_cast<uint8_t>(*next)]) ++next;
    at_ = static_cast<size_t>(next - text_.data());
  }

  // RFC 8259, section 7.
  Result<void> string() {
    const uint32_t index = TRY(begin(JsonKind::string));
    ++at_;
    for (skip_plain_bytes(); !take('"'); skip_plain_bytes()) {
      if (at_end()) return unexpected("'\"'");
      const auto byte = static_cast<uint8_t>(text_[at_]);
      if (byte == '\\') {
        const auto escape = read_json_escape(text_.substr(at_));
        if (!escape) return unexpected("a valid escape sequence");
        nodes()[index].has_escapes = true;
        at_ += escape->size;
      } else if (byte < 0x20) {
        return unexpected("no control character");
      } else {
        const size_t length = utf8_length(text_.substr(at_));
        if (length == 0) return unexpected("valid UTF-8");
        at_ += length;
      }
    }
    end(index);
    return {};
  }

  const std::string_view text_;
  const JsonLimits limits_;
  const RepeatedNames repeated_;
  JsonDocument document_;
  size_t at_ = 0;                        // the next byte of the text
  size_t depth_ = 0;                     // how many containers are open
  uint32_t open_ = kNoNode;              // the innermost of them
  std::vector<std::string_view> names_;  // kept between objects for its memory
};

Result<JsonDocument> JsonDocument::parse(ByteView text, const JsonLimits& limits,
                                         RepeatedNames repeated) {
  return JsonParser(as_text(text), limits, repeated).run();
}

JsonValue JsonDocument::root() const { return {*this, 0}; }

}  // namespace quoin
