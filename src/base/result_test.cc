#include "quoin/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return malformed("odd: " + std::to_string(number));
  return number / 2;
}

Result<void> check_even(int number) {
  TRY(half(number));
  return {};
}

Result<std::string> quarter(int number, int& steps) {
  ++steps;
  const int first = TRY(half(number));
  ++steps;
  TRY(check_even(first));
  ++steps;
  return std::to_string(first / 2);
}

TEST(ResultDeathTest, AValueThatIsNotThereEndsTheProcess) {
  const Result<int> failed = half(1);
  EXPECT_DEATH(static_cast<void>(failed.value()), "");
  EXPECT_DEATH(static_cast<void>(*failed), "");
  EXPECT_DEATH(static_cast<void>(*half(1)), "");
  EXPECT_DEATH(check_even(1).value(), "");
  const Result<std::string> text = malformed("no text");
  EXPECT_DEATH(static_cast<void>(text->size()), "");
}

TEST(ResultTest, TryReturnsTheErrorAndStops) {
  int steps = 0;
  const auto odd = quarter(7, steps);
  ASSERT_FALSE(odd.ok());
  EXPECT_EQ(odd.error().what, "odd: 7");
  EXPECT_EQ(odd.error().code, ErrorCode::malformed);
  EXPECT_EQ(steps, 1);

  const auto then_odd = quarter(6, steps);
  ASSERT_FALSE(then_odd.ok());
  EXPECT_EQ(then_odd.error().what, "odd: 3");
  EXPECT_EQ(steps, 3);

  const auto even = quarter(8, steps);
  ASSERT_TRUE(even.ok());
  EXPECT_EQ(*even, "2");
  EXPECT_EQ(steps, 6);
}

TEST(ResultTest, CarriesWhatCanOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  ASSERT_TRUE(result.ok());
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
  EXPECT_TRUE(check_even(2).ok());
  check_even(2).value();
}

TEST(ResultTest, ShortWaysSetTheCode) {
  EXPECT_EQ(malformed("x").code, ErrorCode::malformed);
  EXPECT_EQ(unsupported("x").code, ErrorCode::unsupported);
  EXPECT_EQ(too_large("x").code, ErrorCode::too_large);
  EXPECT_EQ(too_large("x").what, "x");
  EXPECT_EQ(too_large("x").hint, "");
}

TEST(ResultTest, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  const auto last = static_cast<unsigned>(ErrorCode::internal);
  for (unsigned code = 0; code <= last; ++code) {
    names.insert(to_string(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(names.size(), last + 1);
  EXPECT_EQ(to_string(ErrorCode::malformed), "malformed");
  EXPECT_EQ(to_string(ErrorCode::trailing_bytes), "trailing_bytes");
  EXPECT_EQ(to_string(ErrorCode::internal), "internal");
}

}  // namespace
}  // namespace quoin
