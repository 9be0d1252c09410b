#include "src/cli/html_values.h"

#include <gtest/gtest.h>

namespace quoin::cli {
namespace {

TEST(HtmlValuesTest, HexBreaksBetweenGroups) {
  EXPECT_EQ(html_hex(Bytes{1, 2, 3, 4, 0xff}).text(),
            "<code class='hex'><span>01020304ff</span><wbr/></code>");
  EXPECT_EQ(html_hex(Bytes(9, 0xab)).text(),
            "<code class='hex'><span>abababab</span><wbr/><span>abababab</span><wbr/>"
            "<span>ab</span><wbr/></code>");
  EXPECT_EQ(html_hex(Bytes(48)).text(), "<span class='zero'>all zero (48 bytes)</span>");
  EXPECT_EQ(html_hex({}).text(), "<code class='hex'></code>");
}

TEST(HtmlValuesTest, TimesAreReadByPeopleAndMachines) {
  const UtcTime time{std::chrono::seconds(1'741'851'024)};
  EXPECT_EQ(html_time(time).text(),
            "<time datetime='2025-03-13T07:30:24Z'>2025-03-13 07:30:24 UTC</time>");
  EXPECT_EQ(date_text(time), "2025-03-13");
}

TEST(HtmlValuesTest, DurationsAreWholeUnits) {
  using namespace std::chrono_literals;
  EXPECT_EQ(duration_text(0s), "0 seconds");
  EXPECT_EQ(duration_text(1s), "1 second");
  EXPECT_EQ(duration_text(59s), "59 seconds");
  EXPECT_EQ(duration_text(60s), "1 minute");
  EXPECT_EQ(duration_text(7199s), "1 hour");
  EXPECT_EQ(duration_text(24h), "1 day");
  EXPECT_EQ(duration_text(24h * 364), "364 days");
  EXPECT_EQ(duration_text(24h * 730), "2 years");
}

TEST(HtmlValuesTest, WhatIsNotProvenIsCalledSo) {
  EXPECT_TRUE(html_unproven(true).empty());
  EXPECT_NE(html_unproven(false).text().find("Not proven"), std::string::npos);
}

}  // namespace
}  // namespace quoin::cli
