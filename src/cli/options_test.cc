#include "src/cli/options.h"

#include <gtest/gtest.h>

#include <string>

#include "src/cli/output.h"

namespace quoin::cli {
namespace {

TEST(ParseNonceTest, WantsEightToSixtyFourBytes) {
  for (const size_t bytes : {0U, 1U, 7U, 65U, 1000U}) {
    EXPECT_FALSE(parse_nonce("--nonce", std::string(2 * bytes, 'a')).ok()) << bytes;
  }
  for (const std::string_view text :
       {"0011223344556677x", "0x0011223344556677", "001122334455667"}) {
    EXPECT_FALSE(parse_nonce("--nonce", text).ok()) << text;
  }
  for (const size_t bytes : {8U, 64U}) {
    const Result<Bytes> nonce = parse_nonce("--nonce", std::string(2 * bytes, 'a'));
    ASSERT_TRUE(nonce.ok()) << bytes;
    EXPECT_EQ(nonce->size(), bytes);
  }
}

TEST(ParseTimeTest, ReadsSecondsAndRfc3339) {
  for (const std::string_view text : {"",
                                      "now",
                                      "-1",
                                      "+1",
                                      "1.5",
                                      "253402300800",
                                      "18446744073709551616",
                                      "2025-03-13",
                                      "2025-02-30T00:00:00Z",
                                      " 1",
                                      "2025-03-20T00:10:42",
                                      "2025-03-20T00:10:42.Z",
                                      "2025-03-20T00:10:42.5",
                                      "2025-03-20T00:10:42+1:00",
                                      "2025-03-20T00:10:42+24:00",
                                      "2025-03-20T00:10:42+00:60",
                                      "2025-03-20T00:10:42+0100",
                                      "2025-03-20_00:10:42Z",
                                      "2025-03-20T00:10:42Zx",
                                      "2025-03-20T00:10:42+-1:00"}) {
    EXPECT_FALSE(parse_time("--at", text).ok()) << text;
  }
  EXPECT_EQ(to_string(*parse_time("--at", "0")), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_string(*parse_time("--at", "1742429442")), "2025-03-20T00:10:42Z");
  for (const std::string_view text :
       {"2025-03-20T00:10:42Z", "2025-03-20t00:10:42z", "2025-03-20 00:10:42+00:00",
        "2025-03-20T00:10:42.999Z", "2025-03-20T02:40:42+02:30", "2025-03-19T19:10:42-05:00"}) {
    EXPECT_EQ(to_string(*parse_time("--at", text)), "2025-03-20T00:10:42Z") << text;
  }
}

TEST(ParseNumberTest, HoldsTheRange) {
  for (const std::string_view text : {"", "0", "11", "-1", "1x", "0x1", "99999999999999999999"}) {
    EXPECT_FALSE(parse_number("--timeout", text, 1, 10).ok()) << text;
  }
  EXPECT_EQ(*parse_number("--timeout", "1", 1, 10), 1U);
  EXPECT_EQ(*parse_number("--timeout", "10", 1, 10), 10U);
}

TEST(ShowsColourTest, OnlyOnATerminalThatWantsIt) {
  EXPECT_TRUE(shows_colour(true, nullptr, "xterm"));
  EXPECT_TRUE(shows_colour(true, "", "xterm"));
  EXPECT_TRUE(shows_colour(true, nullptr, nullptr));
  EXPECT_FALSE(shows_colour(false, nullptr, "xterm"));
  EXPECT_FALSE(shows_colour(true, "1", "xterm"));
  EXPECT_FALSE(shows_colour(true, nullptr, "dumb"));
}

}  // namespace
}  // namespace quoin::cli
