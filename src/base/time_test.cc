#include "src/base/time.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

int64_t seconds(UtcTime time) { return time.time_since_epoch().count(); }

TEST(TimeTest, RefusesDaysAndTimesThatDoNotExist) {
  constexpr std::string_view kTexts[] = {
      "20250010000000", "20251310000000", "20250100000000", "20250132000000", "20250431000000",
      "20250229000000", "20240230000000", "19000229000000", "21000229000000", "20250101240000",
      "20250101006000", "20250101000060", "20161231235960", "20250101999999", "99999999999999",
  };
  for (const std::string_view text : kTexts) {
    ASSERT_FALSE(parse_compact_time(text).ok()) << text;
    EXPECT_EQ(parse_compact_time(text).error().code, ErrorCode::malformed) << text;
  }
}

TEST(TimeTest, RefusesOtherForms) {
  constexpr std::string_view kCompact[] = {
      "",
      "2025",
      "2025031307302",
      "202503130730240",
      "20250313073024Z",
      "2025031307302 ",
      " 2025031307302",
      "+2250313073024",
      "-2250313073024",
      "2025-313073024",
      "202503130730.4",
      "20250313073\n24",
      "2025031a073024",
      "20250313-13024",
  };
  for (const std::string_view text : kCompact) EXPECT_FALSE(parse_compact_time(text).ok()) << text;

  constexpr std::string_view kRfc3339[] = {
      "",
      "2025-03-13",
      "2025-03-13T07:30:24",
      "2025-03-13T07:30:24z",
      "2025-03-13t07:30:24Z",
      "2025-03-13 07:30:24Z",
      "2025-03-13T07:30:24.0Z",
      "2025-03-13T07:30:24+00:00",
      "2025-03-13T07:30:24Z ",
      " 2025-03-13T07:30:24Z",
      "2025/03/13T07:30:24Z",
      "2025-03-13T07.30.24Z",
      "2025-03-13T07:30:60Z",
      "2025-02-29T07:30:24Z",
      "2025-3-013T07:30:24Z",
      "+025-03-13T07:30:24Z",
      "2025-03-13T07:30:2 Z",
      "2025-03-13T07:30:240",
  };
  for (const std::string_view text : kRfc3339) EXPECT_FALSE(parse_rfc3339(text).ok()) << text;
}

TEST(TimeTest, KnowsTheSecond) {
  struct Case {
    std::string_view text;
    int64_t since_1970;
  };
  // `date -u -d ... +%s`
  constexpr Case kCases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59Z", -1},
      {"1970-01-01T23:59:59Z", 86399},
      {"2000-02-29T00:00:00Z", 951782400},
      {"2024-02-29T23:59:59Z", 1709251199},
      {"2025-03-13T07:30:24Z", 1741851024},
      {"2038-01-19T03:14:08Z", 2147483648},
      {"2100-02-28T23:59:59Z", 4107542399},
      {"2100-03-01T00:00:00Z", 4107542400},
      {"9999-12-31T23:59:59Z", 253402300799},
      {"0000-01-01T00:00:00Z", -62167219200},
  };
  for (const auto& [text, since_1970] : kCases) {
    const auto time = parse_rfc3339(text);
    ASSERT_TRUE(time.ok()) << text;
    EXPECT_EQ(seconds(*time), since_1970) << text;
    EXPECT_EQ(to_string(*time), text);
  }
  EXPECT_EQ(seconds(*parse_compact_time("20250313073024")), 1741851024);
}

// 400 years, after which the calendar repeats, in steps that meet every day of the year.
TEST(TimeTest, WritesTheNearestThatCanBeWritten) {
  EXPECT_EQ(to_string(UtcTime::min()), "0000-01-01T00:00:00Z");
  EXPECT_EQ(to_string(UtcTime::max()), "9999-12-31T23:59:59Z");
}

TEST(TimeTest, ReadsWhatItWrites) {
  constexpr int64_t kStep = 86399;
  for (int64_t second = 0; second < int64_t{146097} * 86400; second += kStep) {
    const UtcTime time{std::chrono::seconds(second)};
    const auto read = parse_rfc3339(to_string(time));
    ASSERT_TRUE(read.ok()) << second;
    ASSERT_EQ(*read, time);
  }
}

}  // namespace
}  // namespace quoin
