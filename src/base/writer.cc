#include "src/base/writer.h"

namespace quoin {
namespace {

template <typename Integer>
void append_little_endian(Bytes& out, Integer value) {
  for (size_t i = 0; i < sizeof(value); ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

Writer& Writer::bytes(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

Writer& Writer::u8(uint8_t value) {
  bytes_.push_back(value);
  return *this;
}

Writer& Writer::u16le(uint16_t value) {
  append_little_endian(bytes_, value);
  return *this;
}

Writer& Writer::u32le(uint32_t value) {
  append_little_endian(bytes_, value);
  return *this;
}

Writer& Writer::u64le(uint64_t value) {
  append_little_endian(bytes_, value);
  return *this;
}

}  // namespace quoin
