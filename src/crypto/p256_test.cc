#include "src/crypto/p256.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "src/base/hex.h"

namespace quoin {
namespace {

template <size_t N>
ByteArray<N> bytes(std::string_view first_half, std::string_view second_half = "") {
  ByteArray<N> out{};
  EXPECT_TRUE(from_hex(std::string(first_half) + std::string(second_half), out).ok());
  return out;
}

P256Point point(std::string_view x, std::string_view y) { return bytes<64>(x, y); }
P256Signature signature(std::string_view r, std::string_view s) { return bytes<64>(r, s); }

// SEC 2, section 2.4.2.
constexpr std::string_view kZero =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kOrder =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
constexpr std::string_view kPrime =
    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
constexpr std::string_view kGeneratorX =
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
constexpr std::string_view kGeneratorY =
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

// RFC 6979, appendix A.2.5, with SHA-256.
constexpr std::string_view kX = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
constexpr std::string_view kY = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kSampleR =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
constexpr std::string_view kSampleS =
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
constexpr std::string_view kTestR =
    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367";
constexpr std::string_view kTestS =
    "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";

P256PublicKey key() { return P256PublicKey::from_point(point(kX, kY)).value(); }

// `digits` in hexadecimal, with zeros in front, in 32 bytes.
std::string padded(std::string_view digits) {
  return std::string(64 - digits.size(), '0') + std::string(digits);
}

TEST(P256Test, RefusesPointsThatAreNotOnTheCurve) {
  struct Case {
    std::string what;
    P256Point point;
  };
  const Case kCases[] = {
      {"zeros, as infinity is sometimes written", point(kZero, kZero)},
      {"(0, 1), as infinity is sometimes written", point(kZero, padded("1"))},
      {"(1, 0)", point(padded("1"), kZero)},
      {"no y for this x", point(padded("2"), kY)},
      {"y of another point", point(kX, kGeneratorY)},
      {"coordinates swapped", point(kY, kX)},
      {"all ones", point(std::string(64, 'f'), std::string(64, 'f'))},
      {"x is the prime", point(kPrime, kZero)},
      {"both are the prime", point(kPrime, kPrime)},
      // (5, y) and (0, y) are on the curve; these are the same modulo the prime.
      {"x = 5 + the prime",
       point("ffffffff00000001000000000000000000000001000000000000000000000004",
             "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")},
      {"x = 0 + the prime",
       point(kPrime, "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4")},
      {"compressed form in front", bytes<64>("03" + std::string(kX), std::string(62, '0'))},
      {"uncompressed form's first byte", bytes<64>("04" + std::string(kX), kY.substr(0, 62))},
  };
  for (const auto& [what, bad] : kCases) {
    const auto read = P256PublicKey::from_point(bad);
    ASSERT_FALSE(read.ok()) << what;
    EXPECT_EQ(read.error().code, ErrorCode::malformed) << what;
  }
}

TEST(P256Test, RefusesAPointWithAnyBitFlipped) {
  for (size_t bit = 0; bit < 512; ++bit) {
    P256Point flipped = point(kX, kY);
    flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    EXPECT_FALSE(P256PublicKey::from_point(flipped).ok()) << bit;
  }
}

TEST(P256Test, RefusesIntegersOutOfRange) {
  const std::string order_and_one = std::string(kOrder.substr(0, 63)) + "2";
  const std::string ones(64, 'f');
  for (const std::string_view bad :
       {kZero, kOrder, std::string_view(order_and_one), kPrime, std::string_view(ones)}) {
    EXPECT_FALSE(key().verify(as_bytes("sample"), signature(bad, kSampleS))) << bad;
    EXPECT_FALSE(key().verify(as_bytes("sample"), signature(kSampleR, bad))) << bad;
    for (const std::string_view other : {kZero, kOrder, std::string_view(ones)}) {
      EXPECT_FALSE(key().verify(as_bytes("sample"), signature(bad, other))) << bad;
    }
  }
  // CVE-2022-21449: with r = s = 0 every message verified.
  EXPECT_FALSE(key().verify(Sha256Digest{}, P256Signature{}));
}

TEST(P256Test, RefusesASignatureWithAnyBitFlipped) {
  const P256PublicKey signer = key();
  for (size_t bit = 0; bit < 512; ++bit) {
    P256Signature flipped = signature(kTestR, kTestS);
    flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    EXPECT_FALSE(signer.verify(as_bytes("test"), flipped)) << bit;
  }
  for (size_t bit = 0; bit < 256; ++bit) {
    Sha256Digest flipped = sha256(as_bytes("test"));
    flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    EXPECT_FALSE(signer.verify(flipped, signature(kTestR, kTestS))) << bit;
  }
}

TEST(P256Test, RefusesWhatBelongsToSomethingElse) {
  const auto other_key = P256PublicKey::from_point(point(kGeneratorX, kGeneratorY));
  ASSERT_TRUE(other_key.ok());
  EXPECT_FALSE(other_key->verify(as_bytes("sample"), signature(kSampleR, kSampleS)));
  EXPECT_FALSE(key().verify(as_bytes("test"), signature(kSampleR, kSampleS)));
  EXPECT_FALSE(key().verify(as_bytes("sample "), signature(kSampleR, kSampleS)));
  EXPECT_FALSE(key().verify(as_bytes(""), signature(kSampleR, kSampleS)));
  EXPECT_FALSE(key().verify(as_bytes("sample"), signature(kSampleS, kSampleR)));
  EXPECT_FALSE(key().verify(as_bytes("sample"), signature(kSampleR, kTestS)));
  P256Signature little_endian = signature(kSampleR, kSampleS);
  std::reverse(little_endian.begin(), little_endian.begin() + 32);
  std::reverse(little_endian.begin() + 32, little_endian.end());
  EXPECT_FALSE(key().verify(as_bytes("sample"), little_endian));
}

TEST(P256Test, AcceptsKnownSignatures) {
  EXPECT_TRUE(key().verify(as_bytes("sample"), signature(kSampleR, kSampleS)));
  EXPECT_TRUE(key().verify(as_bytes("test"), signature(kTestR, kTestS)));
  EXPECT_TRUE(key().verify(sha256(as_bytes("test")), signature(kTestR, kTestS)));
}

// Signatures that are rare by chance, with keys computed to fit them, Q = (s R - z G) / r, by an
// implementation of our own with affine coordinates. They meet what implementations get wrong.
TEST(P256Test, JudgesRareSignatures) {
  struct Case {
    std::string_view what;
    bool valid;
    std::string_view x;
    std::string_view y;
    std::string digest;
    std::string r;
    std::string s;
  };
  const std::string kDigest = to_hex(sha256(as_bytes("quoin")));
  const Case kCases[] = {
      {"r and s of one byte", true,
       "5b8aea952e38fa5b4de47d1b2c70756ca8d169de79ad70f7691c3ed9edcfac64",
       "153c2c53caccb18b4fe82a871f3d552ae5c58988e49b3cff5bf853fab17ef74d", kDigest, padded("5"),
       padded("3")},
      {"s = 1", true, "0886949ebbaa2bb15140fa800f92a92058dfeb61f78e900b1a6d21b9403e26ad",
       "b1afe457cf3250dbce75a19b6adcaefbb52f1df56209a3c300b0629436088e03", kDigest, padded("5"),
       padded("1")},
      {"s begins with the byte 80, the first that needs a zero in DER", true,
       "e73921e1fb36cc447c52d57b9cea17dc1c0b94ab38bb88bdd3ea182ba4c9852b",
       "b5c410ebc42f02cdf817f84c73f1646fd67373891ab5106c00e4c64b98c5e300", kDigest, padded("5"),
       "80" + std::string(62, '0')},
      {"s = the order - 1", true,
       "ab3bb7133e0da20f736306f34801f41cc7298e3cf1e2ad0e3ce74ac2d87c2416",
       "8ff7061b5a7a46f6978c510ca85dd91b71d7fec7db5916b2c87411cd119b5521", kDigest,
       std::string(kGeneratorX),
       "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"},
      {"digest of zeros", true, "a41fd02185a724666cc6d4c97f0e7d4b76b4ada0f7fb7fac0d1257c9bcb251f5",
       "af630e13ae93e55710d47c5deb9faf7d269771117a535b8a0fe35bbe1c6f7aee", std::string(kZero),
       std::string(kGeneratorX), padded("5")},
      {"digest of ones, over the order", true,
       "fa3aee124726eb5875247f5585872ca0d286e118337760953d59755a0e442090",
       "02c458af391980ef55595f6190df68b36ad72678b22063e573602fa72478b04c", std::string(64, 'f'),
       std::string(kGeneratorX), padded("5")},
      {"R's x is the order + 3, so r is 3", true,
       "d99a80d21b957ab03c70b406cdd963541669980e8253502a67f0787e406ffa8a",
       "6fc9a2f9bc1800c515e6d75e6152b971deaf536ea94132862ac693b1ca719a12", kDigest, padded("3"),
       padded("7")},
      {"the same with r not reduced", false,
       "d99a80d21b957ab03c70b406cdd963541669980e8253502a67f0787e406ffa8a",
       "6fc9a2f9bc1800c515e6d75e6152b971deaf536ea94132862ac693b1ca719a12", kDigest,
       "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632554", padded("7")},
      {"both terms of the sum are the same point", true,
       "97f2b4b1381761bcbdc2950fb9db15abc938010e78e16dbe926330b8cfb90410",
       "200628939e9e543f1cc496ef675ba173138b633dac52b45d651bb820dc6eae64", kDigest,
       "26efcebd0ee9e34a669187e18b3a9122b2f733945b649cc9f9f921e9f9dad812",
       "19e42161ec6dfe64956d8d0f46112028fceb1615d9c866dd3cba0ca3cd9b5654"},
      {"the sum is the point at infinity", false,
       "97f2b4b1381761bcbdc2950fb9db15abc938010e78e16dbe926330b8cfb90410",
       "dff9d76b6161abc1e33b691098a45e8cec749cc353ad4ba29ae447df2391519b", kDigest,
       "26efcebd0ee9e34a669187e18b3a9122b2f733945b649cc9f9f921e9f9dad812", padded("5")},
  };
  for (const Case& test : kCases) {
    const auto signer = P256PublicKey::from_point(point(test.x, test.y));
    ASSERT_TRUE(signer.ok()) << test.what;
    EXPECT_EQ(signer->verify(bytes<32>(test.digest), signature(test.r, test.s)), test.valid)
        << test.what;
  }
}

// FIPS 186-5 does not ask for the smaller s: with s, the order - s is valid too. Nothing may take
// the bytes of a signature for an identity.
TEST(P256Test, SignaturesAreMalleable) {
  EXPECT_TRUE(key().verify(
      as_bytes("test"),
      signature(kTestR, "fe60beeb8bd5d4ec42da6d94b639b6ea5dc07c4cd3965338e6f1887217f424ce")));
}

TEST(P256Test, LeavesTheErrorQueueAsItWas) {
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 1);
  const unsigned long before = ERR_peek_last_error();
  EXPECT_FALSE(P256PublicKey::from_point(P256Point{}).ok());
  EXPECT_FALSE(key().verify(as_bytes("x"), P256Signature{}));
  EXPECT_FALSE(key().verify(as_bytes("x"), signature(kOrder, kOrder)));
  EXPECT_EQ(ERR_peek_last_error(), before);
  ERR_clear_error();
  EXPECT_FALSE(P256PublicKey::from_point(P256Point{}).ok());
  EXPECT_FALSE(key().verify(as_bytes("x"), signature(kOrder, kOrder)));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(P256Test, ThreadsShareAKey) {
  const P256PublicKey signer = key();
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&signer, &wrong] {
      for (size_t i = 0; i < 50; ++i) {
        const P256PublicKey copy = signer;
        if (!copy.verify(as_bytes("test"), signature(kTestR, kTestS))) ++wrong;
        if (signer.verify(as_bytes("sample"), signature(kTestR, kTestS))) ++wrong;
        if (!key().verify(as_bytes("sample"), signature(kSampleR, kSampleS))) ++wrong;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace quoin
