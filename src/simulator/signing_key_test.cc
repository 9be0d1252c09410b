#include "src/simulator/signing_key.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/hex.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

constexpr const char* kRfc6979Scalar =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr const char* kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

SigningKey key_of(const char* scalar) {
  return SigningKey::from_scalar(from_hex(scalar).value()).value();
}

struct RefusedScalar {
  const char* name;
  std::string hex;
};

const RefusedScalar kRefusedScalars[] = {
    {"empty", ""},
    {"zero", std::string(64, '0')},
    {"the order", kOrder},
    {"above the order", std::string(64, 'f')},
    {"short", std::string(62, '1')},
    {"long", "00" + std::string(64, '1')},
};

TEST(SigningKey, RefusesWhatIsNoScalar) {
  for (const RefusedScalar& test : kRefusedScalars) {
    SCOPED_TRACE(test.name);
    const Result<SigningKey> key = SigningKey::from_scalar(from_hex(test.hex).value());
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().code, ErrorCode::invalid_argument);
  }
}

TEST(SigningKey, MatchesRfc6979) {
  // RFC 6979, A.2.5, with SHA-256.
  const SigningKey key = key_of(kRfc6979Scalar);
  EXPECT_EQ(to_hex(key.public_key()),
            "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  EXPECT_EQ(to_hex(key.sign(as_bytes("sample"))),
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
            "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  EXPECT_EQ(to_hex(key.sign(as_bytes("test"))),
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
            "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083");
}

TEST(SigningKey, SignsWithTheSmallestAndTheLargestScalar) {
  for (const char* scalar : {"0000000000000000000000000000000000000000000000000000000000000001",
                             "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"}) {
    const SigningKey key = key_of(scalar);
    const Result<P256PublicKey> public_key = P256PublicKey::from_point(key.public_key());
    ASSERT_TRUE(public_key.ok());
    EXPECT_TRUE(public_key->verify(as_bytes("message"), key.sign(as_bytes("message"))));
  }
}

TEST(SigningKey, DerivesAKeyForEachSeedAndLabel) {
  const Seed seed = test_seed(1);
  const SigningKey key = SigningKey::derive(seed, "root CA");
  EXPECT_EQ(SigningKey::derive(test_seed(1), "root CA").public_key(), key.public_key());
  EXPECT_NE(SigningKey::derive(test_seed(2), "root CA").public_key(), key.public_key());
  EXPECT_NE(SigningKey::derive(seed, "PCK").public_key(), key.public_key());

  const Result<P256PublicKey> public_key = P256PublicKey::from_point(key.public_key());
  ASSERT_TRUE(public_key.ok());
  const P256Signature signature = key.sign(as_bytes("message"));
  EXPECT_TRUE(public_key->verify(as_bytes("message"), signature));
  EXPECT_FALSE(public_key->verify(as_bytes("another"), signature));
}

}  // namespace
}  // namespace quoin::simulator
