#include "src/base/base64.h"

#include <algorithm>
#include <array>

#include "src/base/error.h"

namespace quoin {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNotInAlphabet = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kNotInAlphabet);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}

constexpr std::array<uint8_t, 256> kValues = make_values();

uint8_t value_of(char digit) { return kValues[static_cast<uint8_t>(digit)]; }

// The values of up to four digits, one behind the other.
uint32_t group_of(std::string_view digits) {
  uint32_t group = 0;
  for (const char digit : digits) group = group << 6 | value_of(digit);
  return group;
}

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t taken = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = uint32_t{bytes[i]} << 16;
    if (taken > 1) group |= uint32_t{bytes[i + 1]} << 8;
    if (taken > 2) group |= bytes[i + 2];
    text.push_back(kAlphabet[group >> 18]);
    text.push_back(kAlphabet[group >> 12 & 63]);
    text.push_back(taken > 1 ? kAlphabet[group >> 6 & 63] : '=');
    text.push_back(taken > 2 ? kAlphabet[group & 63] : '=');
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return malformed("base64: the length is not a multiple of four");
  size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (const auto other = std::ranges::find(digits, kNotInAlphabet, value_of);
      other != digits.end()) {
    return malformed("base64: not in the alphabet at " + std::to_string(other - digits.begin()));
  }

  Bytes bytes(digits.size() * 6 / 8);
  auto out = bytes.begin();
  const size_t whole = digits.size() / 4 * 4;
  for (size_t i = 0; i < whole; i += 4) {
    const uint32_t group = group_of(digits.substr(i, 4));
    *out++ = static_cast<uint8_t>(group >> 16);
    *out++ = static_cast<uint8_t>(group >> 8);
    *out++ = static_cast<uint8_t>(group);
  }
  if (padding == 0) return bytes;

  // Two digits hold one byte, three hold two; the bits behind must be zero.
  const size_t left = 3 - padding;
  const uint32_t group = group_of(digits.substr(whole)) << 6 * padding;
  for (size_t i = 0; i < left; ++i) *out++ = static_cast<uint8_t>(group >> (16 - 8 * i));
  if ((group & (0xffffffu >> 8 * left)) != 0) {
    return malformed("base64: unused bits are not zero");
  }
  return bytes;
}

}  // namespace quoin
