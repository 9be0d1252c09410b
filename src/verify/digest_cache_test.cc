#include "src/verify/digest_cache.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

std::shared_ptr<const int> some_value() { return std::make_shared<const int>(7); }

// Digests whose last byte is the same share a part of the cache.
Sha256Digest key_of(uint8_t first, uint8_t last = 0) {
  Sha256Digest key{};
  key.front() = first;
  key.back() = last;
  return key;
}

TEST(DigestCache, FindsWhatWasPutIn) {
  DigestCache<int> cache(100);
  const auto value = some_value();
  EXPECT_EQ(cache.find(key_of(1)), nullptr);
  cache.insert(key_of(1), value);
  EXPECT_EQ(cache.find(key_of(1)), value);
  EXPECT_EQ(cache.find(key_of(2)), nullptr);
  EXPECT_EQ(cache.find(key_of(1, 1)), nullptr);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(DigestCache, WhatIsThereStays) {
  DigestCache<int> cache(100);
  const auto value = some_value();
  cache.insert(key_of(1), value);
  cache.insert(key_of(1), some_value());
  EXPECT_EQ(cache.find(key_of(1)), value);
  EXPECT_EQ(cache.size(), 1u);
}

// Whoever has many platforms cannot fill the memory.
TEST(DigestCache, KeepsNoMoreThanItMay) {
  constexpr struct {
    size_t capacity;
    size_t most;
  } kCases[] = {{0, 0}, {1, 16}, {16, 16}, {17, 32}, {32, 32}};
  for (const auto& test : kCases) {
    DigestCache<int> cache(test.capacity);
    for (unsigned first = 0; first < 16; ++first) {
      for (unsigned last = 0; last < 256; ++last) {
        cache.insert(key_of(static_cast<uint8_t>(first), static_cast<uint8_t>(last)), some_value());
      }
    }
    EXPECT_EQ(cache.size(), test.most) << test.capacity;
  }
}

TEST(DigestCache, WhatWasNotAskedForLongestMakesRoom) {
  DigestCache<int> cache(32);  // two in each part
  cache.insert(key_of(1), some_value());
  cache.insert(key_of(2), some_value());
  EXPECT_NE(cache.find(key_of(1)), nullptr);
  cache.insert(key_of(3), some_value());
  EXPECT_EQ(cache.find(key_of(2)), nullptr);
  EXPECT_NE(cache.find(key_of(1)), nullptr);
  EXPECT_NE(cache.find(key_of(3)), nullptr);
  EXPECT_EQ(cache.size(), 2u);
}

}  // namespace
}  // namespace quoin
