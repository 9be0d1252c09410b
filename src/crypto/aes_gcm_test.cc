#include "src/crypto/aes_gcm.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <algorithm>
#include <string>
#include <type_traits>

#include "src/base/hex.h"

namespace quoin {
namespace {

using Nonce = Aes256Gcm::Nonce;
constexpr size_t kTag = Aes256Gcm::kTagBytes;

// Nonces and keys of other sizes are no calls of these functions.
static_assert(!std::is_constructible_v<Aes256Gcm, Secret<16>>);
static_assert(!std::is_copy_constructible_v<Aes256Gcm>);
template <size_t N>
concept TakesNonceOf = requires(Aes256Gcm& cipher, ByteArray<N> nonce, Bytes out) {
  cipher.seal(nonce, ByteView(), ByteView(), out);
  cipher.open(nonce, ByteView(), ByteView(), out);
};
static_assert(TakesNonceOf<12>);
static_assert(!TakesNonceOf<0> && !TakesNonceOf<8> && !TakesNonceOf<11> && !TakesNonceOf<13> &&
              !TakesNonceOf<16>);

Bytes bytes(std::string_view hex) { return from_hex(hex).value(); }

Secret<32> key_of(std::string_view hex) {
  Secret<32> key;
  std::ranges::copy(bytes(hex), key.mutable_view().begin());
  return key;
}

Nonce nonce_of(std::string_view hex) {
  Nonce nonce{};
  std::ranges::copy(bytes(hex), nonce.begin());
  return nonce;
}

Bytes sealed(Aes256Gcm& cipher, const Nonce& nonce, ByteView associated_data, ByteView plaintext) {
  Bytes out(plaintext.size() + kTag, 0xa5);
  EXPECT_TRUE(cipher.seal(nonce, associated_data, plaintext, out).ok());
  return out;
}

struct Vector {
  std::string_view key;
  std::string_view nonce;
  std::string_view associated_data;
  std::string_view plaintext;
  std::string_view ciphertext;
  std::string_view tag;
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13 to 16.
constexpr std::string_view kZeroKey =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kKey =
    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr std::string_view kPlaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
constexpr std::string_view kCiphertext =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
constexpr Vector kVectors[] = {
    {kZeroKey, "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {kZeroKey, "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {kKey, "cafebabefacedbaddecaf888", "", kPlaintext, kCiphertext,
     "b094dac5d93471bdec1a502270e3cc6c"},
    {kKey, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     kPlaintext.substr(0, 120), kCiphertext.substr(0, 120), "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(Aes256GcmTest, GivesTheKnownAnswers) {
  for (const Vector& vector : kVectors) {
    Aes256Gcm cipher(key_of(vector.key));
    const Nonce nonce = nonce_of(vector.nonce);
    const Bytes data = bytes(vector.associated_data);
    const Bytes plaintext = bytes(vector.plaintext);
    // Twice: what went before leaves no trace.
    for (int round = 0; round < 2; ++round) {
      const Bytes out = sealed(cipher, nonce, data, plaintext);
      EXPECT_EQ(to_hex(out), std::string(vector.ciphertext) + std::string(vector.tag));
      Bytes opened(plaintext.size(), 0xa5);
      EXPECT_TRUE(cipher.open(nonce, data, out, opened).ok());
      EXPECT_EQ(opened, plaintext);
    }
  }
}

// One message, and what is wrong with it.
class Aes256GcmRefusalTest : public testing::Test {
 protected:
  Aes256GcmRefusalTest() : message_(sealed(cipher_, nonce_, data_, plaintext_)) {}

  // Also: nothing of the plaintext is left, OpenSSL's queue is clean, and the next message opens.
  ErrorCode refusal(ByteView message) { return refusal(nonce_, data_, message); }
  ErrorCode refusal(const Nonce& nonce, ByteView data, ByteView message) {
    Bytes out(message.size() < kTag ? 0 : message.size() - kTag, 0xa5);
    const Result<void> opened = cipher_.open(nonce, data, message, out);
    EXPECT_TRUE(all_zero(out));
    EXPECT_EQ(ERR_peek_error(), 0U);
    Bytes right(plaintext_.size());
    EXPECT_TRUE(cipher_.open(nonce_, data_, message_, right).ok());
    EXPECT_EQ(right, plaintext_);
    return opened.ok() ? ErrorCode::internal : opened.error().code;
  }

  Aes256Gcm cipher_{key_of(kKey)};
  Nonce nonce_ = nonce_of("cafebabefacedbaddecaf888");
  Bytes data_ = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  Bytes plaintext_ = bytes(kPlaintext.substr(0, 120));
  Bytes message_;
};

TEST_F(Aes256GcmRefusalTest, EveryBitOfCiphertextAndTag) {
  for (size_t bit = 0; bit < 8 * message_.size(); ++bit) {
    Bytes changed = message_;
    changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    EXPECT_EQ(refusal(changed), ErrorCode::refused) << bit;
  }
}

TEST_F(Aes256GcmRefusalTest, EveryBitOfNonceAndAssociatedData) {
  for (size_t bit = 0; bit < 8 * nonce_.size(); ++bit) {
    Nonce changed = nonce_;
    changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    EXPECT_EQ(refusal(changed, data_, message_), ErrorCode::refused) << bit;
  }
  for (size_t bit = 0; bit < 8 * data_.size(); ++bit) {
    Bytes changed = data_;
    changed[bit / 8] ^= static_cast<uint8_t>(1U << (bit % 8));
    EXPECT_EQ(refusal(nonce_, changed, message_), ErrorCode::refused) << bit;
  }
  EXPECT_EQ(refusal(nonce_, {}, message_), ErrorCode::refused);
}

TEST_F(Aes256GcmRefusalTest, EveryOtherLength) {
  for (size_t size = 0; size < message_.size(); ++size) {
    EXPECT_EQ(refusal(ByteView(message_).first(size)),
              size < kTag ? ErrorCode::invalid_argument : ErrorCode::refused)
        << size;
  }
  Bytes longer = message_;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer), ErrorCode::refused);
}

// A tag of any other size: the ciphertext is whole, and what stands behind it is not 16 bytes.
TEST_F(Aes256GcmRefusalTest, EveryOtherLengthOfTag) {
  for (size_t tag = 0; tag <= 2 * kTag; ++tag) {
    Bytes message = message_;
    message.resize(plaintext_.size() + tag);
    Bytes out(plaintext_.size(), 0xa5);
    const Result<void> opened = cipher_.open(nonce_, data_, message, out);
    EXPECT_EQ(opened.ok(), tag == kTag) << tag;
    if (opened.ok()) continue;
    EXPECT_EQ(opened.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(all_zero(out));
  }
}

TEST_F(Aes256GcmRefusalTest, AnotherKey) {
  Aes256Gcm other(key_of(kZeroKey));
  Bytes out(plaintext_.size(), 0xa5);
  const Result<void> opened = other.open(nonce_, data_, message_, out);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::refused);
  EXPECT_TRUE(all_zero(out));
}

TEST_F(Aes256GcmRefusalTest, NoPlaceForTheTag) {
  for (const size_t size : {plaintext_.size(), plaintext_.size() + kTag - 1,
                            plaintext_.size() + kTag + 1, size_t{0}, size_t{15}}) {
    Bytes out(size, 0xa5);
    const Result<void> result = cipher_.seal(nonce_, data_, plaintext_, out);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(all_zero(out));
  }
}

TEST(Aes256GcmTest, WorksInPlace) {
  Aes256Gcm cipher(key_of(kKey));
  const Nonce nonce = nonce_of("cafebabefacedbaddecaf888");
  Bytes buffer = bytes(kPlaintext);
  const size_t size = buffer.size();
  buffer.resize(size + kTag);
  const std::span<uint8_t> all = buffer;
  ASSERT_TRUE(cipher.seal(nonce, {}, all.first(size), all).ok());
  EXPECT_EQ(to_hex(all.first(size)), kCiphertext);
  ASSERT_TRUE(cipher.open(nonce, {}, all, all.first(size)).ok());
  EXPECT_EQ(to_hex(all.first(size)), kPlaintext);
}

TEST(Aes256GcmTest, EveryLengthThroughTheBlocks) {
  Aes256Gcm cipher(key_of(kKey));
  const Nonce nonce{};
  for (size_t size = 0; size <= 100; ++size) {
    const Bytes plaintext(size, 0x5a);
    const Bytes data(100 - size, 0xa5);
    const Bytes message = sealed(cipher, nonce, data, plaintext);
    Bytes opened(size);
    EXPECT_TRUE(cipher.open(nonce, data, message, opened).ok());
    EXPECT_EQ(opened, plaintext);
  }
}

TEST(Aes256GcmTest, MovesItsKeyAlong) {
  Aes256Gcm first(key_of(kZeroKey));
  Aes256Gcm second = std::move(first);
  EXPECT_EQ(to_hex(sealed(second, Nonce{}, {}, {})), kVectors[0].tag);
  first = Aes256Gcm(key_of(kKey));
  EXPECT_NE(to_hex(sealed(first, Nonce{}, {}, {})), kVectors[0].tag);
}

}  // namespace
}  // namespace quoin
