#include "src/crypto/hmac.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/hex.h"

namespace quoin {
namespace {

struct Vector {
  std::string key;
  std::string message;
  std::string_view sha256;
  std::string_view sha384;
};

Vector vector(std::string key, std::string message, std::string_view sha256,
              std::string_view sha384) {
  return {std::move(key), std::move(message), sha256, sha384};
}

std::string counting(size_t size) {
  std::string bytes;
  for (size_t i = 1; i <= size; ++i) bytes += static_cast<char>(i);
  return bytes;
}

// RFC 4231, sections 4.2 to 4.5, 4.7 and 4.8; and no key with no message, which Python's hmac says.
const Vector kVectors[] = {
    vector(std::string(20, '\x0b'), "Hi There",
           "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
           "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
           "faea9ea9076ede7f4af152e8b2fa9cb6"),
    vector("Jefe", "what do ya want for nothing?",
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
           "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
           "8e2240ca5e69e2c78b3239ecfab21649"),
    vector(std::string(20, '\xaa'), std::string(50, '\xdd'),
           "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
           "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b"
           "2a5ab39dc13814b94e3ab6e101a34f27"),
    vector(counting(25), std::string(50, '\xcd'),
           "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
           "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e"
           "6801dd23c4a7d679ccf8a386c674cffb"),
    vector(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
           "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
           "0c2ef6ab4030fe8296248df163f44952"),
    vector(std::string(131, '\xaa'),
           "This is a test using a larger than block-size key and a larger than block-size data. "
           "The key needs to be hashed before being used by the HMAC algorithm.",
           "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
           "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5"
           "a678cc31e799176d3860e6110c46523e"),
    vector("", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
           "6c1f2ee938fad2e24bd91298474382ca218c75db3d83e114b3d4367776d14d35"
           "51289e75e8209cd4b792302840234adc"),
};

TEST(HmacTest, GivesTheCodesOfRfc4231) {
  for (const Vector& vector : kVectors) {
    const ByteView key = as_bytes(vector.key);
    const ByteView message = as_bytes(vector.message);
    EXPECT_EQ(to_hex(hmac_sha256(key, {message}).view()), vector.sha256);
    EXPECT_EQ(to_hex(hmac_sha384(key, {message}).view()), vector.sha384);
  }
}

TEST(HmacTest, PartsAreOneMessage) {
  const ByteView key = as_bytes("Jefe");
  const ByteView message = as_bytes("what do ya want for nothing?");
  for (size_t split = 0; split <= message.size(); ++split) {
    EXPECT_EQ(to_hex(hmac_sha256(key, {message.first(split), {}, message.subspan(split)}).view()),
              kVectors[1].sha256);
    EXPECT_EQ(to_hex(hmac_sha384(key, {message.first(split), message.subspan(split)}).view()),
              kVectors[1].sha384);
  }
}

}  // namespace
}  // namespace quoin
