#include "src/cli/printable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace quoin::cli {
namespace {

TEST(PrintableTest, ShowsWhatATerminalWouldObey) {
  const struct {
    std::string text;
    std::string_view wanted;
  } kTests[] = {
      {"", ""},
      {"plain ~ text", "plain ~ text"},
      {"\033[31mred", "\\u{1b}[31mred"},
      {"line\nbreak\r\t", "line\\u{a}break\\u{d}\\u{9}"},
      {std::string("\0", 1), "\\u{0}"},
      {"\x7f", "\\u{7f}"},
      {"back\\slash", "back\\\\slash"},
      {"\\u{41}", "\\\\u{41}"},
      {"\xc2\x9b"
       "31m",
       "\\u{9b}31m"},  // CSI in eight bits
      {"\xc3\xbc", "\\u{fc}"},
      {"\xe2\x80\xae", "\\u{202e}"},  // right-to-left override
      {"\xf0\x9f\x98\x80", "\\u{1f600}"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xc3", "\\xc3"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a surrogate is no UTF-8
  };
  for (const auto& test : kTests) EXPECT_EQ(printable(test.text), test.wanted);
}

TEST(PrintableTest, EveryByteComesOutPrintable) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string shown = printable(std::string(1, static_cast<char>(byte)) + "x");
    EXPECT_TRUE(std::ranges::all_of(shown, [](char c) { return c >= ' ' && c <= '~'; })) << byte;
  }
}

TEST(ShortenedTest, EndsWhatIsTooLong) {
  EXPECT_EQ(shortened("12345", 5), "12345");
  EXPECT_EQ(shortened("123456", 5), "12...");
}

}  // namespace
}  // namespace quoin::cli
