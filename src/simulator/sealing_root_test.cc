#include "src/simulator/sealing_root.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/hex.h"

namespace quoin::simulator {
namespace {

Seed seed_of(uint8_t byte) {
  Seed seed;
  std::ranges::fill(seed.mutable_view(), byte);
  return seed;
}

TEST(SealingRootTest, IsTheSeedsAndThePolicys) {
  const auto root = [](uint8_t seed, std::string_view policy) {
    return to_hex(sealing_root(seed_of(seed), policy).view());
  };
  EXPECT_EQ(root(1, "default"), root(1, "default"));
  EXPECT_NE(root(1, "default"), root(2, "default"));
  EXPECT_NE(root(1, "default"), root(1, "other"));
  // Not the seed, nor anything else that is made of it.
  EXPECT_NE(root(1, "default"), to_hex(seed_of(1).view()));
  EXPECT_NE(root(1, ""), to_hex(derive_block(seed_of(1), "sealing root", 0).view()));
}

TEST(SealingRootTest, TheIdentitySaysSimulated) {
  const Bytes identity = sealing_identity(seed_of(1));
  EXPECT_EQ(identity.size(), 26U);
  EXPECT_TRUE(as_text(identity).starts_with("SIMULATED "));
  EXPECT_EQ(identity, sealing_identity(seed_of(1)));
  EXPECT_NE(identity, sealing_identity(seed_of(2)));
}

}  // namespace
}  // namespace quoin::simulator
