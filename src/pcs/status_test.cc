#include "src/pcs/status.h"

#include <gtest/gtest.h>

#include <string>

namespace quoin::pcs {
namespace {

TEST(StatusTest, KnownOnesSayWhatAndWhatToDo) {
  struct Case {
    unsigned status;
    ErrorCode code;
    std::string_view what;
  };
  constexpr Case kCases[] = {
      {400, ErrorCode::refused, "does not understand"},
      {401, ErrorCode::refused, "does not let us"},
      {404, ErrorCode::not_found, "does not have it"},
      {429, ErrorCode::refused, "too often"},
      {461, ErrorCode::not_found, "does not know this platform"},
      {462, ErrorCode::not_found, "no certificates"},
      {504, ErrorCode::io, "could not reach Intel"},
      {418, ErrorCode::io, "HTTP status 418"},
  };
  for (const Case& test : kCases) {
    const Error error = status_error(test.status);
    EXPECT_EQ(error.code, test.code) << test.status;
    EXPECT_NE(error.what.find(test.what), std::string::npos) << error.what;
    EXPECT_TRUE(error.what.starts_with("HTTP status " + std::to_string(test.status)));
    EXPECT_FALSE(error.hint.empty());
  }
}

TEST(StatusTest, HeadersForTheServicesOwnerAreTold) {
  const Error error = answer_error(
      {.status = 404,
       .headers = {{"request-id", "a1b2"}, {"error-code", "E7"}, {"error-message", "no such"}}});
  EXPECT_TRUE(error.what.ends_with("; error-code: E7; error-message: no such; request-id: a1b2"))
      << error.what;
}

TEST(StatusTest, SaysHowOftenItWasAskedFor) {
  const Error error = answer_error({.status = 504, .attempts = 3});
  EXPECT_EQ(
      error.what,
      "HTTP status 504: the PCCS, or a proxy, could not reach Intel's service, after 3 attempts");
  EXPECT_EQ(answer_error({.status = 504}).what.find("attempts"), std::string::npos);
}

TEST(StatusTest, AHeaderSaysOnlySoMuchAndOnlyOnce) {
  const Error error = answer_error(
      {.status = 404,
       .headers = {
           {"request-id", std::string(5000, 'a')}, {"error-code", "1"}, {"error-code", "2"}}});
  EXPECT_LT(error.what.size(), 250U);
  EXPECT_EQ(error.what.find("error-code"), std::string::npos);
}

}  // namespace
}  // namespace quoin::pcs
