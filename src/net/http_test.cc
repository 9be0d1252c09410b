#include "src/net/http.h"

#include <gtest/gtest.h>

namespace quoin::net {
namespace {

TEST(PercentDecoded, RefusesWhatIsCutOffOrNoHex) {
  for (const std::string_view text : {"%", "%2", "a%", "%zz", "%2g", "%+1", "% 1", "%%25"}) {
    const Result<std::string> decoded = percent_decoded(text);
    ASSERT_FALSE(decoded.ok()) << text;
    EXPECT_EQ(decoded.error().code, ErrorCode::malformed) << text;
  }
}

TEST(PercentDecoded, DecodesAndLeavesPlusAlone) {
  EXPECT_EQ(percent_decoded("").value(), "");
  EXPECT_EQ(percent_decoded("-----BEGIN%20CERTIFICATE-----%0AMIIC+%2B%2f%3D").value(),
            "-----BEGIN CERTIFICATE-----\nMIIC++/=");
  EXPECT_EQ(percent_decoded("%00%ff").value(), std::string("\0\xff", 2));
}

TEST(HttpResponse, GivesAHeaderThatStandsOnce) {
  HttpResponse response;
  response.headers = {{"a", "1"}, {"b", "2"}, {"b", "2"}};
  ASSERT_NE(response.header("a"), nullptr);
  EXPECT_EQ(*response.header("a"), "1");
  EXPECT_EQ(response.header("b"), nullptr);
  EXPECT_EQ(response.header("c"), nullptr);
}

}  // namespace
}  // namespace quoin::net
