#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "quoin/seal.h"
#include "src/base/error.h"
#include "src/base/try.h"
#include "src/crypto/secret.h"
#include "src/seal/chunks.h"
#include "src/seal/derivation.h"
#include "src/seal/header.h"

namespace quoin {
namespace {

constexpr size_t kTag = Aes256Gcm::kTagBytes;
constexpr size_t kPageBytes = 4096;

// Fills `out` from the source, and says how far: less only where the source ends.
Result<size_t> read_full(const ByteSource& source, std::span<uint8_t> out) {
  size_t done = 0;
  while (done < out.size()) {
    const size_t count = TRY(source(out.subspan(done)));
    if (count > out.size() - done) {
      return Error{ErrorCode::invalid_argument, "a source gave more bytes than it was asked for"};
    }
    if (count == 0) break;
    done += count;
  }
  return done;
}

// Room that begins as far behind a page's beginning as what is read into it does in its file, and
// so in the kernel's memory: several processors (AMD's Zen 3 and 4) copy at a third of their speed
// to where a place lies a few bytes further in its page than where it comes from.
class PlacedSecret {
 public:
  explicit PlacedSecret(size_t size) : bytes_(size + 2 * kPageBytes), size_(size) {}

  // Room for what a file has at `position`.
  std::span<uint8_t> at(uint64_t position) {
    const std::span<uint8_t> bytes = bytes_.mutable_view();
    void* page = bytes.data();
    size_t space = bytes.size();
    static_cast<void>(std::align(kPageBytes, size_ + kPageBytes, page, space));
    return bytes.last(space).subspan(position % kPageBytes, size_);
  }

 private:
  SecretBytes bytes_;
  size_t size_;
};

// What a source gives in pieces of one size, with a look ahead: whether there is a next piece. Each
// piece has room for a tag behind it, so that it can be sealed where it is.
class Pieces {
 public:
  // The source has already given what stands before `position`.
  static Result<Pieces> begin(const ByteSource& source, uint64_t position, size_t piece_size) {
    Pieces pieces(source, position, piece_size);
    TRY(pieces.look_ahead());
    return pieces;
  }

  // Goes on to the next piece, which then is the current one: the first always, any other unless
  // is_last().
  Result<void> advance() {
    std::swap(current_, next_);
    current_position_ = std::exchange(next_position_, next_position_ + next_size_);
    current_size_ = std::exchange(next_size_, 0);
    // A piece that is not full was the source's end.
    if (current_size_ == piece_size_) TRY(look_ahead());
    return {};
  }

  // How large the current piece is, and where: `size` bytes from its beginning.
  size_t size() const { return current_size_; }
  std::span<uint8_t> current(size_t size) { return current_.at(current_position_).first(size); }
  bool is_last() const { return next_size_ == 0; }

 private:
  Pieces(const ByteSource& source, uint64_t position, size_t piece_size)
      : source_(&source),
        piece_size_(piece_size),
        next_position_(position),
        current_(piece_size + kTag),
        next_(piece_size + kTag) {}

  Result<void> look_ahead() {
    next_size_ = TRY(read_full(*source_, next_.at(next_position_).first(piece_size_)));
    return {};
  }

  const ByteSource* source_;
  size_t piece_size_;
  uint64_t current_position_ = 0;
  uint64_t next_position_;
  PlacedSecret current_;
  PlacedSecret next_;
  size_t current_size_ = 0;
  size_t next_size_ = 0;
};

Result<Bytes> read_header(const ByteSource& source) {
  Bytes header(kSealPrefixBytes);
  const size_t prefix_size = TRY(read_full(source, header));
  header.resize(TRY(sealed_header_size(ByteView(header).first(prefix_size))));
  const std::span<uint8_t> rest = std::span(header).subspan(kSealPrefixBytes);
  if (TRY(read_full(source, rest)) != rest.size()) {
    return Error{ErrorCode::truncated, "sealed data: ends within its header"};
  }
  return header;
}

// What opens data that begins with that header.
Result<ChunkCipher> opening_cipher(RootSecretProvider& roots, std::string_view policy_id,
                                   const KeyContext& context, const SealedHeader& header,
                                   ByteView header_bytes) {
  const RootSecret root =
      TRY(roots.root_secret({.policy_id = std::string(policy_id), .epoch = header.epoch}));
  if (root.policy_id != policy_id) {
    return Error{ErrorCode::refused, "sealed data: the root secret is another policy's"};
  }
  TRY(check_header(header, root, context));
  return ChunkCipher::make(root, context, header.salt, header_bytes);
}

Error ends_within_tag() { return {ErrorCode::truncated, "sealed data: ends within a tag"}; }

}  // namespace

Result<void> seal_stream(const RootSecret& root, const KeyContext& context, const SealSalt& salt,
                         const ByteSource& source, const ByteSink& sink) {
  TRY(check_derivation(root, context));
  const Bytes header = write_sealed_header(root, context, salt);
  ChunkCipher cipher = TRY(ChunkCipher::make(root, context, salt, header));
  Pieces pieces = TRY(Pieces::begin(source, 0, kChunkBytes));
  TRY(sink(header));
  do {
    TRY(pieces.advance());
    const std::span<uint8_t> sealed = pieces.current(pieces.size() + kTag);
    TRY(cipher.seal(sealed.first(pieces.size()), pieces.is_last(), sealed));
    TRY(sink(sealed));
  } while (!pieces.is_last());
  return {};
}

Result<void> unseal_stream(RootSecretProvider& roots, std::string_view policy_id,
                           const KeyContext& context, const ByteSource& source,
                           const ByteSink& sink) {
  const Bytes header_bytes = TRY(read_header(source));
  const SealedHeader header = TRY(parse_sealed_header(header_bytes));
  ChunkCipher cipher = TRY(opening_cipher(roots, policy_id, context, header, header_bytes));
  Pieces pieces = TRY(Pieces::begin(source, header_bytes.size(), kSealedChunkBytes));
  do {
    TRY(pieces.advance());
    if (pieces.size() < kTag) return ends_within_tag();
    const std::span<uint8_t> plaintext = pieces.current(pieces.size() - kTag);
    TRY(cipher.open(pieces.current(pieces.size()), pieces.is_last(), plaintext));
    TRY(sink(plaintext));
  } while (!pieces.is_last());
  return {};
}

Result<void> seal_stream(const RootSecret& root, const KeyContext& context, const SealSalt& salt,
                         ByteView plaintext, const ByteSink& sink) {
  TRY(check_derivation(root, context));
  const Bytes header = write_sealed_header(root, context, salt);
  ChunkCipher cipher = TRY(ChunkCipher::make(root, context, salt, header));
  Bytes room(std::min(plaintext.size(), kChunkBytes) + kTag);
  TRY(sink(header));
  do {
    const ByteView chunk = take_front(plaintext, kChunkBytes);
    const std::span<uint8_t> sealed = std::span(room).first(chunk.size() + kTag);
    TRY(cipher.seal(chunk, plaintext.empty(), sealed));
    TRY(sink(sealed));
  } while (!plaintext.empty());
  return {};
}

Result<void> unseal_stream(RootSecretProvider& roots, std::string_view policy_id,
                           const KeyContext& context, ByteView sealed, const ByteSink& sink) {
  const SealedHeader header = TRY(parse_sealed_header(sealed));
  ChunkCipher cipher =
      TRY(opening_cipher(roots, policy_id, context, header, take_front(sealed, header.size)));
  SecretBytes room(std::min(sealed.size(), kChunkBytes));
  do {
    const ByteView chunk = take_front(sealed, kSealedChunkBytes);
    if (chunk.size() < kTag) return ends_within_tag();
    const std::span<uint8_t> plaintext = room.mutable_view().first(chunk.size() - kTag);
    TRY(cipher.open(chunk, sealed.empty(), plaintext));
    TRY(sink(plaintext));
  } while (!sealed.empty());
  return {};
}

}  // namespace quoin
