#include "src/seal/chunks.h"

#include "src/base/try.h"
#include "src/crypto/secret.h"
#include "src/seal/derivation.h"

namespace quoin {
namespace {

// The chunk's number, big-endian, and behind it whether it is the last: the construction STREAM
// (Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse
// Misuse-Resistance", 2015). No two chunks under one key have the same, since the key is the data's
// own.
Aes256Gcm::Nonce chunk_nonce(uint64_t number, bool is_last) {
  constexpr size_t kLastFlag = Aes256Gcm::kNonceBytes - 1;
  Aes256Gcm::Nonce nonce{};
  for (size_t i = 0; i < sizeof(number); ++i) {
    nonce[kLastFlag - 1 - i] = static_cast<uint8_t>(number >> (8 * i));
  }
  nonce[kLastFlag] = is_last ? 1 : 0;
  return nonce;
}

}  // namespace

Result<ChunkCipher> ChunkCipher::make(const RootSecret& root, const KeyContext& context,
                                      const SealSalt& salt, ByteView header) {
  Secret<32> key;
  TRY(derive(root, kSealingPurpose, context, salt, key.mutable_view()));
  return ChunkCipher(Aes256Gcm(key), header);
}

Result<Aes256Gcm::Nonce> ChunkCipher::next_nonce(bool is_last) {
  if (done_) return Error{ErrorCode::refused, "sealed data: nothing comes behind the last chunk"};
  done_ = is_last;
  return chunk_nonce(next_++, is_last);
}

Result<void> ChunkCipher::seal(ByteView plaintext, bool is_last, std::span<uint8_t> out) {
  if (plaintext.size() > kChunkBytes || (plaintext.size() < kChunkBytes && !is_last)) {
    return Error{ErrorCode::invalid_argument, "sealed data: only the last chunk may be shorter"};
  }
  Result<void> sealed = cipher_.seal(TRY(next_nonce(is_last)), header_, plaintext, out);
  done_ = done_ || !sealed.ok();
  return sealed;
}

Result<void> ChunkCipher::open(ByteView sealed, bool is_last, std::span<uint8_t> out) {
  const Result<Aes256Gcm::Nonce> nonce = next_nonce(is_last);
  if (!nonce.ok()) {
    wipe(out);
    return nonce.error();
  }
  const Result<void> opened = cipher_.open(*nonce, header_, sealed, out);
  if (opened.ok()) return {};
  done_ = true;
  if (opened.error().code != ErrorCode::refused) return opened.error();
  return Error{ErrorCode::refused,
               "sealed data: does not open: it was changed, cut off, or sealed by another TD"};
}

}  // namespace quoin
