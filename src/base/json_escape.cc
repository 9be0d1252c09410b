#include "src/base/json_escape.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <system_error>

#include "src/base/hex.h"
#include "src/base/utf8.h"

namespace quoin {
namespace {

constexpr size_t kUnicodeDigits = 4;

// The number that the four hexadecimal digits at the front of `text` spell, or nothing.
std::optional<char32_t> unicode_digits(std::string_view text) {
  if (text.size() < kUnicodeDigits) return std::nullopt;
  const std::string_view digits = text.substr(0, kUnicodeDigits);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value, 16);
  if (error != std::errc() || end != digits.end()) return std::nullopt;
  return value;
}

bool is_high_surrogate(char32_t unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low_surrogate(char32_t unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

char32_t from_surrogates(char32_t high, char32_t low) {
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

// The character of a two-character escape sequence, or 0 when there is none of that letter.
char escaped_character(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

// U+0080 to U+009F in UTF-8: to a terminal, U+009B is as good as ESC [.
bool is_c1_control(std::string_view character) {
  return character.size() == 2 && character[0] == '\xc2' &&
         static_cast<uint8_t>(character[1]) < 0xa0;
}

}  // namespace

std::optional<JsonEscape> read_json_escape(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  if (text[1] != 'u') {
    const char character = escaped_character(text[1]);
    if (character == 0) return std::nullopt;
    return JsonEscape{.character = static_cast<char32_t>(character), .size = 2};
  }
  constexpr size_t kSize = 2 + kUnicodeDigits;
  const auto unit = unicode_digits(text.substr(2));
  if (!unit || is_low_surrogate(*unit)) return std::nullopt;
  if (!is_high_surrogate(*unit)) return JsonEscape{.character = *unit, .size = kSize};
  const std::string_view second = text.substr(kSize);
  if (!second.starts_with("\\u")) return std::nullopt;
  const auto low = unicode_digits(second.substr(2));
  if (!low || !is_low_surrogate(*low)) return std::nullopt;
  return JsonEscape{.character = from_surrogates(*unit, *low), .size = 2 * kSize};
}

std::string resolve_json_escapes(std::string_view text) {
  std::string resolved;
  resolved.reserve(text.size());
  while (!text.empty()) {
    if (text[0] != '\\') {
      const size_t plain = std::min(text.find('\\'), text.size());
      resolved.append(text.substr(0, plain));
      text.remove_prefix(plain);
      continue;
    }
    const auto escape = read_json_escape(text);
    if (!escape) std::abort();
    append_utf8(resolved, escape->character);
    text.remove_prefix(escape->size);
  }
  return resolved;
}

std::string quoted_json(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t size = utf8_length(text);
    const char first = text.front();
    if (size == 0) {
      append_utf8(out, 0xfffd);
    } else if (first == '"' || first == '\\') {
      out.append("\\").append(1, first);
    } else if (size == 1 && (static_cast<uint8_t>(first) < 0x20 || first == 0x7f)) {
      out += "\\u00" + to_hex(as_bytes(text.substr(0, 1)));
    } else if (is_c1_control(text.substr(0, size))) {
      out += "\\u00" + to_hex(as_bytes(text.substr(1, 1)));
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return out + "\"";
}

}  // namespace quoin
