#include "src/simulator/derive.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "src/base/hex.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

struct HmacTest {
  const char* name;
  std::string key;
  std::string message;
  const char* wanted;
};

// RFC 4231, test cases 1, 2 and 6.
const HmacTest kHmacTests[] = {
    {"short key", std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"text key", "Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"key larger than a block", std::string(131, '\xaa'),
     "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

TEST(Hmac, MatchesRfc4231) {
  for (const HmacTest& test : kHmacTests) {
    SCOPED_TRACE(test.name);
    const ByteView message = as_bytes(test.message);
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes(test.key), {message})), test.wanted);
    EXPECT_EQ(to_hex(hmac_sha256(as_bytes(test.key), {message.first(3), message.subspan(3)})),
              test.wanted);
  }
}

TEST(Derive, DependsOnSeedLabelAndCounter) {
  const Seed seed = test_seed(1);
  const std::string block = to_hex(derive_block(seed, "a", 0).view());
  EXPECT_EQ(to_hex(derive_block(test_seed(1), "a", 0).view()), block);
  EXPECT_NE(to_hex(derive_block(test_seed(2), "a", 0).view()), block);
  EXPECT_NE(to_hex(derive_block(seed, "b", 0).view()), block);
  EXPECT_NE(to_hex(derive_block(seed, "a", 1).view()), block);
}

TEST(Derive, GivesPublicBytesOfAnySize) {
  const Seed seed = test_seed(1);
  const Bytes bytes = derive_public_bytes(seed, "a", 100);
  ASSERT_EQ(bytes.size(), 100u);
  EXPECT_TRUE(equal(derive_public_array<33>(seed, "a"), ByteView(bytes).first(33)));
  EXPECT_FALSE(equal(ByteView(bytes).first(32), ByteView(bytes).subspan(32, 32)));
  EXPECT_TRUE(derive_public_bytes(seed, "a", 0).empty());
}

TEST(Derive, NeverShowsKeyBytesAsPublicOnes) {
  const Seed seed = test_seed(1);
  EXPECT_NE(to_hex(derive_public_bytes(seed, "a", 32)), to_hex(derive_block(seed, "a", 0).view()));
}

TEST(Derive, GivesSerialsThatArePositiveAndMinimal) {
  for (uint8_t i = 0; i < 32; ++i) {
    const Bytes serial = derive_serial(test_seed(i), "a");
    ASSERT_EQ(serial.size(), 20u);
    EXPECT_LT(serial[0], 0x80);
    EXPECT_NE(serial[0], 0);
  }
}

}  // namespace
}  // namespace quoin::simulator
