#include "src/verify/key_ring.h"

#include <gtest/gtest.h>

#include "src/simulator/signing_key.h"
#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

using simulator::SigningKey;

constexpr ByteArray<5> kMessage = {1, 2, 3, 4, 5};

TEST(KeyRing, WhatIsNotOnTheCurveSignedNothing) {
  KeyRing ring;
  EXPECT_FALSE(ring.verify(P256Point{}, kMessage, P256Signature{}));
  EXPECT_EQ(ring.find(P256Point{}), nullptr);
}

TEST(KeyRing, EachKeyVouchesForItsOwnSignatures) {
  const SigningKey mine = SigningKey::derive(evidence_seed(), "mine");
  const SigningKey yours = SigningKey::derive(evidence_seed(), "yours");
  const P256Signature signature = mine.sign(kMessage);
  KeyRing ring;
  // Known or not: the answer is the same.
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(ring.verify(mine.public_key(), kMessage, signature));
    EXPECT_FALSE(ring.verify(yours.public_key(), kMessage, signature));
    EXPECT_FALSE(ring.verify(mine.public_key(), ByteView(kMessage).first(4), signature));
  }
}

TEST(KeyRing, FindsTheKeysThatItWasAskedFor) {
  const SigningKey key = SigningKey::derive(evidence_seed(), "mine");
  KeyRing ring;
  EXPECT_EQ(ring.find(key.public_key()), nullptr);
  ring.verify(key.public_key(), kMessage, P256Signature{});
  const P256PublicKey* found = ring.find(key.public_key());
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->verify(kMessage, key.sign(kMessage)));
}

}  // namespace
}  // namespace quoin
