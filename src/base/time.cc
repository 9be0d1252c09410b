#include "src/base/time.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "src/base/error.h"

namespace quoin {
namespace {

constexpr UtcTime kFirst{std::chrono::seconds(-62'167'219'200)};  // 0000-01-01T00:00:00Z
constexpr UtcTime kLast{std::chrono::seconds(253'402'300'799)};   // 9999-12-31T23:59:59Z

// The number that `text` spells in decimal digits, or -1.
int decimal(std::string_view text) {
  int value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  return value;
}

}  // namespace

std::string to_string(UtcTime time) {
  // RFC 3339 has four digits for the year; what lies outside is shown as the nearest that it has.
  const UtcTime shown = std::clamp(time, kFirst, kLast);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(shown - day);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

Result<UtcTime> parse_compact_time(std::string_view text) {
  if (text.size() != 14) return malformed("time: wanted 14 digits");
  const int year = decimal(text.substr(0, 4));
  const int month = decimal(text.substr(4, 2));
  const int day = decimal(text.substr(6, 2));
  const int hour = decimal(text.substr(8, 2));
  const int minute = decimal(text.substr(10, 2));
  const int second = decimal(text.substr(12, 2));
  if (year < 0 || month < 1 || day < 1) return malformed("time: not a date");
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return malformed("time: the calendar has no such day");
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return malformed("time: the clock has no such time");
  }
  return UtcTime(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second);
}

Result<UtcTime> parse_rfc3339(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
  if (text.size() != kShape.size()) {
    return malformed("time: wanted the form 2025-03-13T07:30:24Z");
  }
  std::array<char, 14> digits{};
  size_t count = 0;
  for (size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '0') {
      digits[count++] = text[i];
    } else if (text[i] != kShape[i]) {
      return malformed("time: wanted the form 2025-03-13T07:30:24Z");
    }
  }
  return parse_compact_time({digits.data(), count});
}

}  // namespace quoin
