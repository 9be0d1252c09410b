#include "quoin/seal.h"

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/seal/chunks.h"
#include "src/seal/derivation.h"
#include "src/seal/header.h"

namespace quoin {
namespace {

constexpr size_t kTag = Aes256Gcm::kTagBytes;

// How many chunks `size` bytes make, of which each has `chunk_size` but the last: at least one.
size_t chunk_count(size_t size, size_t chunk_size) {
  return size == 0 ? 1 : (size - 1) / chunk_size + 1;
}

}  // namespace

SealSalt fresh_seal_salt() {
  SealSalt salt{};
  fill_random(salt);
  return salt;
}

size_t sealed_size(const RootSecret& root, const KeyContext& context, size_t plaintext_size) {
  return write_sealed_header(root, context, {}).size() + plaintext_size +
         kTag * chunk_count(plaintext_size, kChunkBytes);
}

Result<Bytes> seal(const RootSecret& root, const KeyContext& context, ByteView plaintext,
                   const SealSalt& salt) {
  TRY(check_derivation(root, context));
  Bytes sealed = write_sealed_header(root, context, salt);
  ChunkCipher cipher = TRY(ChunkCipher::make(root, context, salt, sealed));
  const size_t header_size = sealed.size();
  sealed.resize(sealed_size(root, context, plaintext.size()));
  std::span<uint8_t> rest = std::span(sealed).subspan(header_size);
  do {
    const ByteView chunk = take_front(plaintext, kChunkBytes);
    TRY(cipher.seal(chunk, plaintext.empty(), rest.first(chunk.size() + kTag)));
    rest = rest.subspan(chunk.size() + kTag);
  } while (!plaintext.empty());
  return sealed;
}

Result<SecretBytes> unseal(const RootSecret& root, const KeyContext& context, ByteView sealed) {
  const SealedHeader header = TRY(parse_sealed_header(sealed));
  TRY(check_header(header, root, context));
  ChunkCipher cipher =
      TRY(ChunkCipher::make(root, context, header.salt, sealed.first(header.size)));
  ByteView body = sealed.subspan(header.size);
  const size_t chunks = chunk_count(body.size(), kSealedChunkBytes);
  if (body.size() < (chunks - 1) * kSealedChunkBytes + kTag) {
    return Error{ErrorCode::truncated, "sealed data: ends within a tag"};
  }
  SecretBytes plaintext(body.size() - chunks * kTag);
  std::span<uint8_t> rest = plaintext.mutable_view();
  do {
    const ByteView chunk = take_front(body, kSealedChunkBytes);
    TRY(cipher.open(chunk, body.empty(), rest.first(chunk.size() - kTag)));
    rest = rest.subspan(chunk.size() - kTag);
  } while (!body.empty());
  return plaintext;
}

}  // namespace quoin
