#include "quoin/seal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "src/seal/chunks.h"
#include "src/seal/header.h"
#include "src/seal/samples_testing.h"

namespace quoin {
namespace {

using seal_samples::changes;
using seal_samples::context;
using seal_samples::plaintext;
using seal_samples::root;
using seal_samples::salt;

constexpr size_t kTag = Aes256Gcm::kTagBytes;

Bytes sealed(ByteView bytes, uint8_t salt_byte = 0x5a) {
  return seal(root(), context(), bytes, salt(salt_byte)).value();
}

size_t header_size() { return write_sealed_header(root(), context(), salt()).size(); }

// The plaintext, or nothing when it is refused.
std::optional<Bytes> opened(ByteView bytes) {
  const Result<SecretBytes> result = unseal(root(), context(), bytes);
  if (!result.ok()) return std::nullopt;
  return Bytes(result->view().begin(), result->view().end());
}

TEST(SealTest, OpensWhatItSealed) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, kChunkBytes - 1, kChunkBytes,
                            kChunkBytes + 1, 2 * kChunkBytes, 2 * kChunkBytes + 5}) {
    const Bytes bytes = plaintext(size);
    const Bytes data = sealed(bytes);
    EXPECT_EQ(opened(data), bytes) << size;
    EXPECT_EQ(data.size(), sealed_size(root(), context(), size));
    const size_t chunks = std::max<size_t>((size + kChunkBytes - 1) / kChunkBytes, 1);
    EXPECT_EQ(data.size(), header_size() + size + chunks * kTag);
  }
}

TEST(SealTest, EveryBitCounts) {
  const Bytes data = sealed(plaintext(3));
  for (size_t bit = 0; bit < 8 * data.size(); ++bit) {
    Bytes changed = data;
    changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(opened(changed).has_value()) << bit;
  }
}

TEST(SealTest, EveryLengthCounts) {
  const Bytes data = sealed(plaintext(20));
  for (size_t size = 0; size < data.size(); ++size) {
    EXPECT_FALSE(opened(ByteView(data).first(size)).has_value()) << size;
  }
  for (size_t more = 1; more <= 2 * kTag; ++more) {
    Bytes longer = data;
    longer.resize(data.size() + more);
    EXPECT_FALSE(opened(longer).has_value()) << more;
  }
}

TEST(SealTest, EveryFieldOfRootAndContextCounts) {
  const Bytes data = sealed(plaintext(3));
  for (const auto& change : changes()) {
    RootSecret other = root();
    KeyContext with = context();
    change.apply(other, with);
    const Result<SecretBytes> result = unseal(other, with, data);
    ASSERT_FALSE(result.ok()) << change.what;
    EXPECT_EQ(result.error().code, ErrorCode::refused);
    const std::string_view said = change.said.empty() ? "does not open" : change.said;
    EXPECT_NE(result.error().what.find(said), std::string::npos) << result.error().what;

    // And a header that says what the other wants does not help.
    const size_t body = header_size();
    Bytes moved = write_sealed_header(other, with, salt());
    moved.insert(moved.end(), data.begin() + static_cast<ptrdiff_t>(body), data.end());
    const Result<SecretBytes> forged = unseal(other, with, moved);
    ASSERT_FALSE(forged.ok()) << change.what;
    EXPECT_NE(forged.error().what.find("does not open"), std::string::npos);
  }
}

// What is made of pieces of honest data, sealed by the same TD.
class SealedPiecesTest : public testing::Test {
 protected:
  static constexpr size_t kLast = 10;

  // Header, two full chunks, and a short one.
  std::vector<Bytes> pieces_of(ByteView data) const {
    std::vector<Bytes> pieces;
    size_t at = 0;
    for (const size_t size : {header_size(), kSealedChunkBytes, kSealedChunkBytes, kLast + kTag}) {
      const ByteView piece = data.subspan(at, size);
      pieces.emplace_back(piece.begin(), piece.end());
      at += size;
    }
    EXPECT_EQ(at, data.size());
    return pieces;
  }

  static Bytes joined(std::initializer_list<Bytes> pieces) {
    Bytes all;
    for (const Bytes& piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
    return all;
  }

  Bytes plaintext_ = plaintext(2 * kChunkBytes + kLast);
  std::vector<Bytes> mine_ = pieces_of(sealed(plaintext_));
  std::vector<Bytes> other_ = pieces_of(sealed(plaintext_, 0x33));
};

TEST_F(SealedPiecesTest, OpenAsTheyWere) {
  EXPECT_EQ(opened(joined({mine_[0], mine_[1], mine_[2], mine_[3]})), plaintext_);
}

TEST_F(SealedPiecesTest, DoNotOpenWhenSomeAreMissing) {
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], mine_[2]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[2], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[3]})).has_value());
  EXPECT_FALSE(opened(mine_[0]).has_value());
  EXPECT_FALSE(opened(joined({mine_[1], mine_[2], mine_[3]})).has_value());
}

TEST_F(SealedPiecesTest, DoNotOpenInAnotherOrder) {
  EXPECT_FALSE(opened(joined({mine_[0], mine_[2], mine_[1], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], mine_[1], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], mine_[2], mine_[2], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], mine_[2], mine_[3], mine_[3]})).has_value());
}

TEST_F(SealedPiecesTest, DoNotOpenWithPiecesOfOtherData) {
  EXPECT_FALSE(opened(joined({other_[0], mine_[1], mine_[2], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], other_[1], mine_[2], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], other_[2], mine_[3]})).has_value());
  EXPECT_FALSE(opened(joined({mine_[0], mine_[1], mine_[2], other_[3]})).has_value());
}

TEST_F(SealedPiecesTest, DoNotOpenWhenTheyEndWithinATag) {
  for (size_t tag = 0; tag < kTag; ++tag) {
    Bytes data = joined({mine_[0], mine_[1]});
    data.resize(data.size() + tag);
    if (tag == 0) continue;
    EXPECT_EQ(unseal(root(), context(), data).error().code, ErrorCode::truncated) << tag;
  }
}

TEST(SealTest, EachSaltGivesAnotherKey) {
  const Bytes first = sealed(plaintext(100), 1);
  const Bytes second = sealed(plaintext(100), 2);
  const auto body = static_cast<ptrdiff_t>(header_size());
  EXPECT_FALSE(std::equal(first.begin() + body, first.end(), second.begin() + body));
}

TEST(SealTest, SaltsAreFresh) {
  std::set<SealSalt> salts;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(salts.insert(fresh_seal_salt()).second);
}

}  // namespace
}  // namespace quoin
