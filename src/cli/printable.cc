#include "src/cli/printable.h"

#include <cstdint>
#include <string>

#include "quoin/bytes.h"
#include "src/base/hex.h"
#include "src/base/utf8.h"

namespace quoin::cli {
namespace {

// The character that utf8_length() has found to be one.
uint32_t decode_utf8(std::string_view character) {
  const ByteView bytes = as_bytes(character);
  if (bytes.size() == 1) return bytes[0];
  // The first byte has one marking bit a byte of the character, and a zero behind them.
  uint32_t value = bytes[0] & ((1U << (7 - bytes.size())) - 1);
  for (const uint8_t byte : bytes.subspan(1)) value = (value << 6) | (byte & 0x3fU);
  return value;
}

std::string hex_number(uint32_t value) {
  const std::string digits =
      to_hex(ByteArray<4>{static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16),
                          static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)});
  const size_t first = digits.find_first_not_of('0');
  return first == std::string::npos ? "0" : digits.substr(first);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t size = utf8_length(text);
    if (size == 0) {
      out += "\\x" + to_hex(as_bytes(text.substr(0, 1)));
      text.remove_prefix(1);
      continue;
    }
    const char first = text.front();
    if (first == '\\') {
      out += "\\\\";
    } else if (size == 1 && first >= ' ' && first <= '~') {
      out += first;
    } else {
      out += "\\u{" + hex_number(decode_utf8(text.substr(0, size))) + "}";
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string shortened(std::string_view text, size_t columns) {
  if (text.size() <= columns) return std::string(text);
  return std::string(text.substr(0, columns - 3)) + "...";
}

}  // namespace quoin::cli
