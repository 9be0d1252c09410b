#include "src/base/hex.h"

#include <algorithm>
#include <array>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

constexpr uint8_t kNotADigit = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kNotADigit);
  for (uint8_t i = 0; i < 10; ++i) values[static_cast<uint8_t>('0' + i)] = i;
  for (uint8_t i = 0; i < 6; ++i) {
    values[static_cast<uint8_t>('a' + i)] = static_cast<uint8_t>(10 + i);
    values[static_cast<uint8_t>('A' + i)] = static_cast<uint8_t>(10 + i);
  }
  return values;
}

constexpr std::array<uint8_t, 256> kValues = make_values();

uint8_t value_of(char digit) { return kValues[static_cast<uint8_t>(digit)]; }

Result<void> check_digits(std::string_view text) {
  const auto other = std::ranges::find(text, kNotADigit, value_of);
  if (other == text.end()) return {};
  return malformed("hex: not a digit at " + std::to_string(other - text.begin()));
}

// Fills `out` from twice as many digits.
void decode(std::string_view digits, std::span<uint8_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<uint8_t>(value_of(digits[2 * i]) << 4 | value_of(digits[2 * i + 1]));
  }
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
  TRY(check_digits(text));
  Bytes bytes(text.size() / 2);
  decode(text, bytes);
  return bytes;
}

Result<void> from_hex(std::string_view text, std::span<uint8_t> out) {
  if (text.size() != out.size() * 2) {
    return malformed("hex: " + std::to_string(text.size()) + " digits, wanted " +
                     std::to_string(out.size() * 2));
  }
  TRY(check_digits(text));
  decode(text, out);
  return {};
}

}  // namespace quoin
