#include "src/cli/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace quoin::cli {
namespace {

constexpr std::array<std::string_view, 5> kWords = {"run", "verify", "inspect", "help", "version"};

TEST(EditDistanceTest, CountsEdits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("verify", "verfiy"), 1U);
}

TEST(NearestTest, SuggestsOnlyWhatIsNear) {
  const struct {
    std::string_view typed;
    std::optional<std::string_view> wanted;
  } kTests[] = {
      {"verfiy", "verify"},
      {"verify", "verify"},
      {"inspct", "inspect"},
      {"rnu", "run"},
      {"ver", "verify"},
      {"insp", "inspect"},
      {"frobnicate", {}},
      {"", {}},
      {"x", {}},
      {"attest", {}},
      {"version2", "version"},
  };
  for (const auto& test : kTests) EXPECT_EQ(nearest(test.typed, kWords), test.wanted) << test.typed;
}

TEST(NearestTest, IsBounded) {
  EXPECT_EQ(nearest(std::string(100'000, 'v'), kWords), std::nullopt);
}

}  // namespace
}  // namespace quoin::cli
