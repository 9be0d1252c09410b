#include "src/base/hex.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// The digit's value, or -1.
int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return malformed("hex: an odd number of digits");
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_value(text[i]);
    const int low = digit_value(text[i + 1]);
    if (high < 0 || low < 0) return malformed("hex: not a digit at " + std::to_string(i));
    bytes.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return bytes;
}

Result<void> from_hex(std::string_view text, std::span<uint8_t> out) {
  if (text.size() != out.size() * 2) {
    return malformed("hex: " + std::to_string(text.size()) + " digits, wanted " +
                     std::to_string(out.size() * 2));
  }
  const Bytes bytes = TRY(from_hex(text));
  std::ranges::copy(bytes, out.begin());
  return {};
}

}  // namespace quoin
