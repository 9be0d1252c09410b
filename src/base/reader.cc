#include "src/base/reader.h"

#include <string>

#include "src/base/try.h"

namespace quoin {
Error Reader::too_short(size_t size) const {
  return {ErrorCode::truncated, std::string(what_) + ": needs " + std::to_string(size) +
                                    " more bytes, has " + std::to_string(bytes_.size())};
}

Result<Reader> Reader::sub(size_t size, std::string_view what) {
  return Reader(TRY(bytes(size)), what);
}

Result<uint32_t> Reader::u32be() {
  const ByteView taken = TRY(bytes(4));
  return uint32_t{taken[0]} << 24 | uint32_t{taken[1]} << 16 | uint32_t{taken[2]} << 8 | taken[3];
}

template <typename Integer>
Result<ByteView> Reader::prefixed(Result<Integer> (Reader::*read_length)()) {
  Reader ahead = *this;
  const Integer length = TRY((ahead.*read_length)());
  const ByteView taken = TRY(ahead.bytes(length));
  *this = ahead;
  return taken;
}

Result<ByteView> Reader::u16le_prefixed() { return prefixed(&Reader::u16le); }

Result<ByteView> Reader::u32le_prefixed() { return prefixed(&Reader::u32le); }

Result<void> Reader::finish() const {
  if (bytes_.empty()) return {};
  return Error{ErrorCode::trailing_bytes,
               std::string(what_) + ": " + std::to_string(bytes_.size()) + " bytes left over"};
}

}  // namespace quoin
