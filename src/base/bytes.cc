#include "quoin/bytes.h"

#include <algorithm>

namespace quoin {

ByteView as_bytes(std::string_view text) {
  // uint8_t is unsigned char, which may alias any object ([basic.lval]).
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(ByteView bytes) {
  // char may alias any object, too.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

}  // namespace quoin
