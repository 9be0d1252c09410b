#include "src/base/hex.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

constexpr std::string_view kBad[] = {
    "0",  "000", "0x00", "0g", "g0", "  ", " 00 ",  "00 ",      " 00",   "0\n", "-1",
    "+1", "/0",  ":0",   "@0", "`0", "0G", "0\x80", "\xff\xff", "00:11", "0x",
};

TEST(HexTest, RefusesOtherTexts) {
  for (const std::string_view text : kBad) {
    const auto bytes = from_hex(text);
    ASSERT_FALSE(bytes.ok()) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::malformed) << text;
  }
  EXPECT_FALSE(from_hex({"0\0", 2}).ok());
}

TEST(HexTest, FillsExactlyOrNotAtAll) {
  const ByteArray<2> before = {0xaa, 0xbb};
  ByteArray<2> out = before;
  for (const std::string_view text : {"", "00", "0000000", "000000", "000", "000g", "0 00"}) {
    EXPECT_FALSE(from_hex(text, out).ok()) << text;
    EXPECT_EQ(out, before) << text;
  }
  ASSERT_TRUE(from_hex("0aF0", out).ok());
  EXPECT_EQ(out, (ByteArray<2>{0x0a, 0xf0}));
  EXPECT_TRUE(from_hex("", std::span<uint8_t>()).ok());
}

TEST(HexTest, ReadsEitherCaseAndWritesLower) {
  EXPECT_EQ(*from_hex("00ffAbcDeF"), (Bytes{0x00, 0xff, 0xab, 0xcd, 0xef}));
  EXPECT_EQ(to_hex(Bytes{0x00, 0xff, 0xab, 0xcd, 0xef}), "00ffabcdef");
  EXPECT_EQ(to_hex({}), "");
  EXPECT_TRUE(from_hex("")->empty());
}

TEST(HexTest, ReadsWhatItWrites) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const Bytes bytes = {static_cast<uint8_t>(byte), static_cast<uint8_t>(255 - byte)};
    EXPECT_EQ(*from_hex(to_hex(bytes)), bytes);
  }
}

}  // namespace
}  // namespace quoin
