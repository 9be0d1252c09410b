#include "src/seal/chunks.h"

#include <gtest/gtest.h>

#include <utility>

#include "src/seal/samples_testing.h"

namespace quoin {
namespace {

using seal_samples::context;
using seal_samples::root;
using seal_samples::salt;

constexpr size_t kTag = Aes256Gcm::kTagBytes;

ChunkCipher cipher(ByteView header = {}) {
  return ChunkCipher::make(root(), context(), salt(), header).value();
}

Bytes sealed(ChunkCipher& with, ByteView plaintext, bool is_last) {
  Bytes out(plaintext.size() + kTag);
  EXPECT_TRUE(with.seal(plaintext, is_last, out).ok());
  return out;
}

bool opens(ChunkCipher& with, ByteView chunk, bool is_last) {
  Bytes out(chunk.size() - kTag, 0xa5);
  const Result<void> opened = with.open(chunk, is_last, out);
  EXPECT_TRUE(opened.ok() || all_zero(out));
  EXPECT_TRUE(opened.ok() || opened.error().code == ErrorCode::refused);
  return opened.ok();
}

class ChunksTest : public testing::Test {
 protected:
  ChunksTest() {
    ChunkCipher with = cipher();
    for (const bool is_last : {false, false, true}) {
      chunks_.push_back(sealed(with, full_, is_last));
    }
  }

  Bytes full_ = seal_samples::plaintext(kChunkBytes);
  std::vector<Bytes> chunks_;
};

TEST_F(ChunksTest, OpenInOrder) {
  ChunkCipher with = cipher();
  EXPECT_TRUE(opens(with, chunks_[0], false));
  EXPECT_TRUE(opens(with, chunks_[1], false));
  EXPECT_TRUE(opens(with, chunks_[2], true));
  // The same plaintext three times, and no two chunks alike.
  EXPECT_NE(chunks_[0], chunks_[1]);
  EXPECT_NE(chunks_[1], chunks_[2]);
}

TEST_F(ChunksTest, DoNotOpenOutOfOrder) {
  for (size_t place = 0; place < chunks_.size(); ++place) {
    for (size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
      for (const bool is_last : {false, true}) {
        ChunkCipher with = cipher();
        for (size_t before = 0; before < place; ++before) {
          ASSERT_TRUE(opens(with, chunks_[before], false));
        }
        EXPECT_EQ(opens(with, chunks_[chunk], is_last), chunk == place && is_last == (chunk == 2));
      }
    }
  }
}

TEST_F(ChunksTest, TheHeaderCounts) {
  ChunkCipher with = cipher(as_bytes("another header"));
  EXPECT_FALSE(opens(with, chunks_[0], false));
}

TEST_F(ChunksTest, NothingComesBehindTheEnd) {
  ChunkCipher with = cipher();
  const Bytes last = sealed(with, {}, true);
  Bytes out(kTag, 0xa5);
  EXPECT_EQ(with.seal({}, true, out).error().code, ErrorCode::refused);
  ChunkCipher opening = cipher();
  EXPECT_TRUE(opens(opening, last, true));
  EXPECT_FALSE(opens(opening, chunks_[1], false));
}

TEST_F(ChunksTest, NothingOpensBehindAFailure) {
  ChunkCipher with = cipher();
  EXPECT_TRUE(opens(with, chunks_[0], false));
  Bytes changed = chunks_[1];
  changed[0] ^= 1;
  EXPECT_FALSE(opens(with, changed, false));
  // It would be the next.
  EXPECT_FALSE(opens(with, chunks_[2], true));
}

TEST_F(ChunksTest, OnlyTheLastMayBeShorter) {
  const ByteView shorter = ByteView(full_).first(kChunkBytes - 1);
  Bytes longer = full_;
  longer.push_back(0);
  Bytes out(longer.size() + kTag);
  for (const auto& [plaintext, is_last] :
       {std::pair(shorter, false), std::pair(ByteView(longer), true),
        std::pair(ByteView(), false)}) {
    ChunkCipher with = cipher();
    EXPECT_EQ(
        with.seal(plaintext, is_last, std::span(out).first(plaintext.size() + kTag)).error().code,
        ErrorCode::invalid_argument);
    // And nothing is lost by having asked.
    EXPECT_EQ(sealed(with, full_, false), chunks_[0]);
  }
}

}  // namespace
}  // namespace quoin
