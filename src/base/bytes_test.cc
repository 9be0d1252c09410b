#include "quoin/bytes.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

TEST(BytesTest, EqualLooksAtEveryByteAndTheSize) {
  const Bytes bytes = {1, 2, 3};
  EXPECT_TRUE(equal(bytes, Bytes{1, 2, 3}));
  EXPECT_TRUE(equal({}, {}));
  EXPECT_FALSE(equal(bytes, {}));
  EXPECT_FALSE(equal({}, bytes));
  EXPECT_FALSE(equal(bytes, Bytes{1, 2}));
  EXPECT_FALSE(equal(bytes, Bytes{1, 2, 3, 0}));
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes other = bytes;
    other[i] ^= 0x80;
    EXPECT_FALSE(equal(bytes, other)) << i;
  }
}

TEST(BytesTest, AllZeroLooksAtEveryByte) {
  EXPECT_TRUE(all_zero({}));
  EXPECT_TRUE(all_zero(Bytes(48)));
  for (size_t i = 0; i < 48; ++i) {
    Bytes bytes(48);
    bytes[i] = 1;
    EXPECT_FALSE(all_zero(bytes)) << i;
  }
}

TEST(BytesTest, TextAndBytesAreTheSameMemory) {
  const std::string_view text("a\0\xff", 3);
  const ByteView bytes = as_bytes(text);
  EXPECT_TRUE(equal(bytes, Bytes{'a', 0, 0xff}));
  EXPECT_EQ(as_text(bytes), text);
  EXPECT_EQ(as_text(bytes).data(), text.data());
  EXPECT_TRUE(as_bytes("").empty());
  EXPECT_TRUE(as_text({}).empty());
}

}  // namespace
}  // namespace quoin
