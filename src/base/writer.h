// Writer: the other direction of Reader.

#ifndef QUOIN_SRC_BASE_WRITER_H_
#define QUOIN_SRC_BASE_WRITER_H_

#include <cstdint>
#include <utility>

#include "quoin/bytes.h"

namespace quoin {

// Appends to bytes that it owns. Not thread-safe.
class Writer {
 public:
  Writer& bytes(ByteView bytes);
  Writer& u8(uint8_t value);
  Writer& u16le(uint16_t value);
  Writer& u32le(uint32_t value);
  Writer& u64le(uint64_t value);

  size_t size() const { return bytes_.size(); }
  ByteView view() const { return bytes_; }

  // What was written; the Writer is empty afterwards.
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_WRITER_H_
