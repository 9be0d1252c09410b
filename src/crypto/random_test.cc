#include "src/crypto/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace quoin {
namespace {

// The chance that random bytes fail one of these tests is below 2^-100.

TEST(RandomTest, FillsEveryByte) {
  for (const auto fill : {fill_random, fill_random_secret}) {
    for (const size_t size : {size_t{1}, size_t{31}, size_t{32}, size_t{100'000}}) {
      Bytes bytes(size + 1);
      Bytes seen(size);
      for (size_t round = 0; round < 20; ++round) {
        fill(std::span(bytes).first(size));
        std::ranges::transform(seen, bytes, seen.begin(), std::bit_or());
        EXPECT_EQ(bytes.back(), 0);
      }
      EXPECT_EQ(std::ranges::count(seen, 0), 0) << size;
    }
    fill({});
  }
}

TEST(RandomTest, NeverTheSame) {
  for (const auto fill : {fill_random, fill_random_secret}) {
    ByteArray<32> first{};
    ByteArray<32> second{};
    fill(first);
    fill(second);
    EXPECT_NE(first, second);
  }
  const Secret<32> first = random_secret<32>();
  const Secret<32> second = random_secret<32>();
  EXPECT_FALSE(all_zero(first.view()));
  EXPECT_FALSE(equal_in_constant_time(first.view(), second.view()));
}

}  // namespace
}  // namespace quoin
