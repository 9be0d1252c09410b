#include "src/base/reader.h"

#include <string>

#include "src/base/try.h"

namespace quoin {
namespace {

template <typename Integer>
Integer from_little_endian(ByteView bytes) {
  Integer value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = static_cast<Integer>(value << 8 | bytes[i - 1]);
  return value;
}

}  // namespace

Result<ByteView> Reader::bytes(size_t size) {
  if (size > bytes_.size()) {
    return Error{ErrorCode::truncated, std::string(what_) + ": needs " + std::to_string(size) +
                                           " more bytes, has " + std::to_string(bytes_.size())};
  }
  const ByteView taken = bytes_.first(size);
  bytes_ = bytes_.subspan(size);
  return taken;
}

Result<Reader> Reader::sub(size_t size, std::string_view what) {
  return Reader(TRY(bytes(size)), what);
}

Result<uint8_t> Reader::u8() { return TRY(bytes(1))[0]; }

Result<uint16_t> Reader::u16le() { return from_little_endian<uint16_t>(TRY(bytes(2))); }

Result<uint32_t> Reader::u32le() { return from_little_endian<uint32_t>(TRY(bytes(4))); }

Result<uint64_t> Reader::u64le() { return from_little_endian<uint64_t>(TRY(bytes(8))); }

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
