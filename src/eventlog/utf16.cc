#include "src/eventlog/utf16.h"

#include <cstdint>

#include "src/base/utf8.h"

namespace quoin {
namespace {

bool is_high_surrogate(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

std::optional<std::string> utf8_from_utf16le(ByteView bytes) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  std::string text;
  uint32_t high = 0;  // a surrogate that waits for its other half
  for (size_t i = 0; i < bytes.size(); i += 2) {
    const uint32_t unit = bytes[i] | uint32_t{bytes[i + 1]} << 8;
    if (is_low_surrogate(unit) != (high != 0)) return std::nullopt;
    if (is_high_surrogate(unit)) {
      high = unit;
      continue;
    }
    // RFC 2781, 2.2.
    append_utf8(text, high == 0 ? unit : 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
    high = 0;
  }
  if (high != 0) return std::nullopt;
  return text;
}

}  // namespace quoin
