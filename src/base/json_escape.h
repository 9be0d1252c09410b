// The escape sequences of JSON strings (RFC 8259, section 7).

#ifndef QUOIN_SRC_BASE_JSON_ESCAPE_H_
#define QUOIN_SRC_BASE_JSON_ESCAPE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace quoin {

// A character, and how many bytes of the text spell it.
struct JsonEscape {
  char32_t character = 0;
  size_t size = 0;
};

// The escape sequence at the front of `text`, which begins with a backslash. A surrogate pair is
// one sequence; a surrogate alone is not valid. Nothing when the sequence is not valid.
std::optional<JsonEscape> read_json_escape(std::string_view text);

// What stands between a string's quotes, escapes resolved. Each must be valid, as
// read_json_escape() says.
std::string resolve_json_escapes(std::string_view text);

// `text` as a JSON string, with its quotes. Bytes that are no UTF-8 become U+FFFD; control
// characters, those of U+0080 to U+009F too, are escaped, so that no text moves a terminal's cursor
// or begins a line of its own.
std::string quoted_json(std::string_view text);

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_JSON_ESCAPE_H_
