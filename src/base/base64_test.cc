#include "src/base/base64.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

struct Pair {
  std::string_view bytes;
  std::string_view text;
};

// RFC 4648, section 10, and the whole alphabet's ends.
constexpr Pair kPairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
    {{"\0\0\0", 3}, "AAAA"},
    {"\xff\xff\xff\xff", "/////w=="},
};

TEST(Base64Test, RefusesOtherTexts) {
  constexpr std::string_view kTexts[] = {
      "Z",        "Zg",       "Zg=",   "Zm8",   "Zm9vYg",                // no padding
      "=",        "==",       "===",   "====",  "Z===",    "Zm9vYg===",  // too much of it
      "Zg==Zg==", "Zm8=Zm8=", "=Zm9",  "Z=m8",  "Zg=v",                  // in the middle
      "Zh==",     "Zn==",     "Zm9=",  "Zm+=",  "//==",                  // unused bits
      "Zm9v\n",   "Zm9\n",    "Zm 9v", " Zm9v", "Zm9v ",   "\nZm9",      // blanks
      "Zm9-",     "Zm9_",     "Zm9*",  "Zm9.",  "Zm9\x80", "Zm9\xff",    // alphabet
      "Zm\0v",
  };
  for (const std::string_view text : kTexts) {
    const auto bytes = from_base64(text);
    ASSERT_FALSE(bytes.ok()) << text;
    EXPECT_EQ(bytes.error().code, ErrorCode::malformed) << text;
  }
  EXPECT_FALSE(from_base64({"Zm9\0", 4}).ok());
}

TEST(Base64Test, ReadsAndWritesKnownPairs) {
  for (const auto& [bytes, text] : kPairs) {
    EXPECT_EQ(to_base64(as_bytes(bytes)), text);
    const auto read = from_base64(text);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(as_text(*read), bytes) << text;
  }
}

// Of all texts of one group that end in padding, exactly those are accepted that to_base64 writes.
TEST(Base64Test, OneTextForEachByteString) {
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      const std::string text = {static_cast<char>(a), static_cast<char>(b), '=', '='};
      const auto read = from_base64(text);
      if (read.ok()) {
        ASSERT_EQ(to_base64(*read), text);
      }
    }
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    const Bytes bytes = {static_cast<uint8_t>(byte)};
    const auto read = from_base64(to_base64(bytes));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, bytes);
  }
}

}  // namespace
}  // namespace quoin
