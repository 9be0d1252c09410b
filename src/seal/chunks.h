// The body of sealed data, chunk by chunk (docs/formats.md, "Sealed data").

#ifndef QUOIN_SRC_SEAL_CHUNKS_H_
#define QUOIN_SRC_SEAL_CHUNKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/seal.h"
#include "src/crypto/aes_gcm.h"

namespace quoin {

// Of plaintext: every chunk but the last, which has 1 to as many, or 0 where there is no other.
inline constexpr size_t kChunkBytes = size_t{64} << 10;
inline constexpr size_t kSealedChunkBytes = kChunkBytes + Aes256Gcm::kTagBytes;

// The first `size` bytes, or all where there are fewer, which `rest` then no longer has.
inline ByteView take_front(ByteView& rest, size_t size) {
  const ByteView front = rest.first(std::min(rest.size(), size));
  rest = rest.subspan(front.size());
  return front;
}

// Seals the chunks of one piece of data, or opens them, one behind the other from the first. After
// the last, and after a failure, it refuses to go on. Not thread-safe.
class ChunkCipher {
 public:
  // Under the key that root, context and salt give, for data with that header. Fails as derive()
  // does.
  static Result<ChunkCipher> make(const RootSecret& root, const KeyContext& context,
                                  const SealSalt& salt, ByteView header);

  // The next chunk: kChunkBytes, or at most as many of the last. `out` is Aes256Gcm::kTagBytes
  // longer, and begins where `plaintext` does or does not touch it. Fails with invalid_argument,
  // refused (behind the end), and crypto.
  Result<void> seal(ByteView plaintext, bool is_last, std::span<uint8_t> out);

  // The plaintext of the next chunk, likewise. Fails with refused unless it is what seal() made as
  // the next chunk, and as the last or not; `out` is then zero.
  Result<void> open(ByteView sealed, bool is_last, std::span<uint8_t> out);

 private:
  ChunkCipher(Aes256Gcm cipher, ByteView header)
      : cipher_(std::move(cipher)), header_(header.begin(), header.end()) {}

  // The nonce of the next chunk. Fails with refused when there is to be none.
  Result<Aes256Gcm::Nonce> next_nonce(bool is_last);

  Aes256Gcm cipher_;
  Bytes header_;
  uint64_t next_ = 0;
  bool done_ = false;
};

}  // namespace quoin

#endif  // QUOIN_SRC_SEAL_CHUNKS_H_
