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

  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const uint8_t value = kValues[static_cast<uint8_t>(digits[i])];
    if (value == kNotInAlphabet) {
      return malformed("base64: not in the alphabet at " + std::to_string(i));
    }
    pending = pending << 6 | value;
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      bytes.push_back(static_cast<uint8_t>(pending >> pending_bits));
      pending &= (1u << pending_bits) - 1;
    }
  }
  if (pending != 0) return malformed("base64: unused bits are not zero");
  return bytes;
}

}  // namespace quoin
