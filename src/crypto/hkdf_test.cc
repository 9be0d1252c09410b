#include "src/crypto/hkdf.h"

#include <gtest/gtest.h>

#include "src/base/hex.h"
#include "src/crypto/sha2.h"

namespace quoin {
namespace {

Bytes counting(uint8_t first, size_t size) {
  Bytes bytes;
  for (size_t i = 0; i < size; ++i) bytes.push_back(static_cast<uint8_t>(first + i));
  return bytes;
}

struct Vector {
  Bytes key;
  Bytes salt;
  Bytes info;
  std::string_view sha256;
  std::string_view sha384;
};

// RFC 5869, A.1 to A.3, for SHA-256. The RFC has none for SHA-384: those are of the same inputs, by
// Python's hmac.
const Vector kVectors[] = {
    {Bytes(22, 0x0b), counting(0, 13), counting(0xf0, 10),
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
     "9b5097a86038b805309076a44b3a9f38063e25b516dcbf369f394cfab43685f748b6457763e4f0204fc5"},
    {counting(0, 80), counting(0x60, 80), counting(0xb0, 80),
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
     "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
     "484ca052b8cc724fd1c4ec64d57b4e818c7e25a8e0f4569ed72a6a05fe0649eebf69f8d5c832856bf4e4fbc17967"
     "d54975324a94987f7f41835817d8994fdbd6f4c09c5500dca24a56222fea53d8967a8b2e"},
    {Bytes(22, 0x0b),
     {},
     {},
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
     "c8c96e710f89b0d7990bca68bcdec8cf854062e54c73a7abc743fade9b242daacc1cea5670415b52849c"},
};

using Derive = Result<void> (*)(const HkdfInput&, std::span<uint8_t>);

Bytes derived(Derive derive, const HkdfInput& input, size_t size) {
  Bytes out(size);
  EXPECT_TRUE(derive(input, out).ok());
  return out;
}

TEST(HkdfTest, GivesTheKeysOfRfc5869) {
  for (const Vector& vector : kVectors) {
    const HkdfInput input = {.key = vector.key, .salt = vector.salt, .info = vector.info};
    const size_t size = vector.sha256.size() / 2;
    EXPECT_EQ(to_hex(derived(hkdf_sha256, input, size)), vector.sha256);
    EXPECT_EQ(to_hex(derived(hkdf_sha384, input, size)), vector.sha384);
    EXPECT_EQ(to_hex(derived(hkdf_sha256, input, 1)), vector.sha256.substr(0, 2));
  }
}

TEST(HkdfTest, GivesAsMuchAsItCan) {
  const Bytes key(32, 1);
  const HkdfInput input = {.key = key, .salt = {}, .info = {}};
  // By Python's hmac.
  EXPECT_EQ(to_hex(sha256(derived(hkdf_sha256, input, kMaxHkdfSha256Bytes))),
            "1f1919a9f579bd617005755d65cfd08abe506de550fd132f4ea6f9b4eb46d93a");
  EXPECT_EQ(to_hex(sha256(derived(hkdf_sha384, input, kMaxHkdfSha384Bytes))),
            "3dfe5e27c06ce53589351081c48fcad2496f23f27b6a1c6690a55ba6de0c1362");
}

TEST(HkdfTest, RefusesWhatItCannotGive) {
  const Bytes key(32, 1);
  const struct {
    Derive derive;
    ByteView key;
    size_t size;
  } cases[] = {
      {hkdf_sha256, key, 0}, {hkdf_sha256, key, kMaxHkdfSha256Bytes + 1},
      {hkdf_sha384, key, 0}, {hkdf_sha384, key, kMaxHkdfSha384Bytes + 1},
      {hkdf_sha256, {}, 32}, {hkdf_sha384, {}, 32},
  };
  for (const auto& [derive, with, size] : cases) {
    Bytes out(size, 0xa5);
    const Result<void> result = derive({.key = with, .salt = {}, .info = {}}, out);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_TRUE(all_zero(out));
  }
}

TEST(HkdfTest, EveryInputCounts) {
  const Bytes one(32, 1);
  const Bytes two(32, 2);
  const Bytes first = derived(hkdf_sha256, {.key = one, .salt = one, .info = one}, 32);
  EXPECT_NE(first, derived(hkdf_sha256, {.key = two, .salt = one, .info = one}, 32));
  EXPECT_NE(first, derived(hkdf_sha256, {.key = one, .salt = two, .info = one}, 32));
  EXPECT_NE(first, derived(hkdf_sha256, {.key = one, .salt = one, .info = two}, 32));
  EXPECT_NE(first, derived(hkdf_sha384, {.key = one, .salt = one, .info = one}, 32));
}

}  // namespace
}  // namespace quoin
