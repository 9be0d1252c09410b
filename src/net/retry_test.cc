#include "src/net/retry.h"

#include <gtest/gtest.h>

#include <limits>

namespace quoin::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Retries kRetries = {
    .attempts = 5, .first_delay = milliseconds(100), .longest_delay = milliseconds(300)};
constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();

TEST(DelayBeforeRetry, GivesUpAfterTheLastAttempt) {
  EXPECT_TRUE(delay_before_retry(4, kRetries, {}, 0).has_value());
  EXPECT_FALSE(delay_before_retry(5, kRetries, {}, 0).has_value());
  EXPECT_FALSE(delay_before_retry(kMost, kRetries, {}, 0).has_value());
  EXPECT_FALSE(delay_before_retry(1, {.attempts = 1}, {}, 0).has_value());
  EXPECT_FALSE(delay_before_retry(1, {.attempts = 0}, {}, 0).has_value());
}

TEST(DelayBeforeRetry, DoublesUpToTheLongestAndHalfOfItIsRandom) {
  EXPECT_EQ(delay_before_retry(1, kRetries, {}, 0), milliseconds(50));
  EXPECT_EQ(delay_before_retry(1, kRetries, {}, 50), milliseconds(100));
  EXPECT_EQ(delay_before_retry(1, kRetries, {}, 51), milliseconds(50));
  EXPECT_EQ(delay_before_retry(2, kRetries, {}, 100), milliseconds(200));
  EXPECT_EQ(delay_before_retry(3, kRetries, {}, 150), milliseconds(300));
  EXPECT_EQ(delay_before_retry(4, kRetries, {}, 150), milliseconds(300));
  // However many attempts there are, the delay does not overflow.
  EXPECT_EQ(delay_before_retry(1'000'000, {.attempts = kMost}, {}, 0), milliseconds(5'000));
}

TEST(DelayBeforeRetry, IsNotShorterThanTheServerAsks) {
  const Retries retries = {.longest_delay = seconds(10)};
  EXPECT_EQ(delay_before_retry(1, retries, seconds(7), 0), seconds(7));
  EXPECT_EQ(delay_before_retry(1, retries, seconds(10), 0), seconds(10));
  EXPECT_EQ(delay_before_retry(1, retries, seconds(0), 250), milliseconds(500));
}

TEST(DelayBeforeRetry, GivesUpWhenTheServerAsksForTooLong) {
  EXPECT_FALSE(delay_before_retry(1, {.longest_delay = seconds(10)}, seconds(11), 0).has_value());
}

TEST(ParseRetryAfter, ReadsSecondsAndNothingElse) {
  EXPECT_EQ(parse_retry_after("0"), seconds(0));
  EXPECT_EQ(parse_retry_after("120"), seconds(120));
  for (const std::string_view text :
       {"", " 1", "1 ", "-1", "+1", "1.5", "0x10", "9999999", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text).has_value()) << text;
  }
}

TEST(IsTransient, IsWhatMayPass) {
  for (const unsigned status : {429u, 500u, 502u, 503u, 504u}) EXPECT_TRUE(is_transient(status));
  for (const unsigned status : {0u, 200u, 301u, 400u, 401u, 403u, 404u, 501u, 505u}) {
    EXPECT_FALSE(is_transient(status)) << status;
  }
}

}  // namespace
}  // namespace quoin::net
