#include "src/base/utf8.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

std::string shortest_form(char32_t c) {
  std::string text;
  append_utf8(text, c);
  return text;
}

TEST(Utf8Test, RefusesWhatIsNoCharacter) {
  constexpr std::string_view kTexts[] = {
      "",         "\x80",         "\xbf",         "\xc0\x80",         "\xc1\xbf",
      "\xc2",     "\xc2\x7f",     "\xc2\xc0",     "\xe0\x9f\xbf",     "\xe1\x80",
      "\xed\xa0", "\xe1\x80\x7f", "\xe1\x80\xc0", "\xed\xa0\x80",     "\xf0\x8f\xbf\xbf",
      "\xf1\x80", "\xf1\x80\x80", "\xf1\x80\x41", "\xf1\x80\x80\x41", "\xf4\x90\x80\x80",
      "\xf5\x80", "\xff",
  };
  for (const std::string_view text : kTexts) EXPECT_EQ(utf8_length(text), 0u) << text;
}

TEST(Utf8Test, KnowsEveryCharacter) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    const bool is_surrogate = c >= 0xd800 && c <= 0xdfff;
    const size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    const std::string text = shortest_form(c);
    ASSERT_EQ(text.size(), size) << uint32_t{c};
    ASSERT_EQ(utf8_length(text), is_surrogate ? 0 : size) << uint32_t{c};
    ASSERT_EQ(utf8_length(text + "x"), is_surrogate ? 0 : size) << uint32_t{c};
    if (size > 1) {
      ASSERT_EQ(utf8_length(text.substr(0, size - 1)), 0u) << uint32_t{c};
    }
  }
}

// Every two bytes: those of two-byte characters, and a first byte below 0x80, and no others.
TEST(Utf8Test, KnowsNoOtherTwoBytes) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const bool is_pair = first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;
      ASSERT_EQ(utf8_length(text), first < 0x80 ? 1u : is_pair ? 2u : 0u) << first << ' ' << second;
    }
  }
}

TEST(Utf8Test, WritesKnownCharacters) {
  EXPECT_EQ(shortest_form(U'$'), "\x24");
  EXPECT_EQ(shortest_form(U'\u00a3'), "\xc2\xa3");
  EXPECT_EQ(shortest_form(U'\u20ac'), "\xe2\x82\xac");
  EXPECT_EQ(shortest_form(U'\U0001f600'), "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace quoin
