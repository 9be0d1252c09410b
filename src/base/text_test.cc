#include "src/base/text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace quoin {
namespace {

TEST(Shown, WhatIsNotPrintableAsciiIsAQuestionMark) {
  EXPECT_EQ(shown(" a~", 80), " a~");
  EXPECT_EQ(shown("a\x1b[2J\n\x7f\xc3\xa9", 80), "a?[2J????");
  EXPECT_EQ(shown(std::string_view("a\0b", 3), 80), "a?b");
}

TEST(Shown, WhatIsTooLongIsCut) {
  EXPECT_EQ(shown("", 4), "");
  EXPECT_EQ(shown("abcd", 4), "abcd");
  EXPECT_EQ(shown("abcde", 4), "abcd...");
  EXPECT_EQ(shown("abc\n\n", 4), "abc?...");
}

TEST(Joined, SeparatorsStandBetween) {
  EXPECT_EQ(joined({}, ", "), "");
  const std::vector<std::string> one = {"a"};
  EXPECT_EQ(joined(one, ", "), "a");
  const std::vector<std::string> same = {"a", "", "a"};
  EXPECT_EQ(joined(same, ", "), "a, , a");
}

}  // namespace
}  // namespace quoin
