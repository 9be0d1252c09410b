// Reader: the only way in which we take hostile bytes apart.

#ifndef QUOIN_SRC_BASE_READER_H_
#define QUOIN_SRC_BASE_READER_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// A cursor over bytes that it does not own. Every read is all or nothing: it takes what it asks
// for and moves on, or fails with ErrorCode::truncated and moves nothing. A part whose length is
// written in front of it is read through a Reader of its own, so that it cannot reach past its
// end. Callers end with finish(), which refuses what is left over.
//
// `what` names the thing being read, for errors ("quote", "QE authentication data"); it must
// outlive the Reader, as a literal does. Copies are independent cursors. Not thread-safe.
class Reader {
 public:
  Reader(ByteView bytes, std::string_view what) : bytes_(bytes), what_(what) {}

  // How many bytes are left.
  size_t remaining() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  // The bytes that are left, unread.
  ByteView rest() const { return bytes_; }

  // The next `size` bytes. The view is valid as long as the bytes that this reads.
  Result<ByteView> bytes(size_t size) {
    if (size > bytes_.size()) return too_short(size);
    const ByteView taken = bytes_.first(size);
    bytes_ = bytes_.subspan(size);
    return taken;
  }

  // The next `size` bytes as a Reader of their own, called `what`.
  Result<Reader> sub(size_t size, std::string_view what);

  // Fills `out` with the next bytes.
  template <size_t N>
  Result<void> fill(ByteArray<N>& out) {
    auto taken = bytes(N);
    if (!taken.ok()) return std::move(taken).error();
    std::ranges::copy(*taken, out.begin());
    return {};
  }

  Result<uint8_t> u8() { return little_endian<uint8_t>(); }
  Result<uint16_t> u16le() { return little_endian<uint16_t>(); }
  Result<uint32_t> u32le() { return little_endian<uint32_t>(); }
  Result<uint64_t> u64le() { return little_endian<uint64_t>(); }
  Result<uint32_t> u32be();

  // The bytes behind a length of two or four bytes, little-endian, that stands in front of them.
  Result<ByteView> u16le_prefixed();
  Result<ByteView> u32le_prefixed();

  // Fails with ErrorCode::trailing_bytes unless everything has been read.
  Result<void> finish() const;

 private:
  template <std::unsigned_integral Integer>
  Result<Integer> little_endian() {
    auto taken = bytes(sizeof(Integer));
    if (!taken.ok()) return std::move(taken).error();
    uint64_t value = 0;
    for (size_t i = sizeof(Integer); i > 0; --i) value = value << 8 | (*taken)[i - 1];
    return static_cast<Integer>(value);
  }

  Error too_short(size_t size) const;

  template <typename Integer>
  Result<ByteView> prefixed(Result<Integer> (Reader::*read_length)());

  ByteView bytes_;
  std::string_view what_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_READER_H_
