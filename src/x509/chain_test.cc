#include "src/x509/chain.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "src/x509/der_test_builder.h"
#include "src/x509/pem.h"

namespace quoin::x509 {
namespace {

using x509_test::CertificateParts;
using x509_test::fails_with;
using x509_test::testdata;

TEST(ChainTest, keeps_the_order) {
  const Bytes pem = testdata("chain.pem");
  const auto chain = Chain::parse_pem(as_text(pem));
  ASSERT_TRUE(chain.ok()) << chain.error().what;
  ASSERT_EQ(chain->certificates().size(), 3u);
  EXPECT_EQ(chain->certificates()[0].subject.common_name, "Test PCK Certificate");
  EXPECT_EQ(chain->certificates()[1].subject.common_name, "Test PCK Platform CA");
  EXPECT_EQ(chain->certificates()[2].subject.common_name, "Test Root CA");
  EXPECT_TRUE(chain->certificates()[0].issuer == chain->certificates()[1].subject);
}

TEST(ChainTest, views_survive_the_text_and_a_move) {
  auto pem = std::make_unique<Bytes>(testdata("chain.pem"));
  auto parsed = Chain::parse_pem(as_text(*pem));
  ASSERT_TRUE(parsed.ok());
  pem.reset();
  const Chain moved = std::move(parsed).value();
  Chain assigned;
  assigned = Chain::parse_pem(as_text(testdata("chain.pem"))).value();
  EXPECT_EQ(moved.certificates()[2].subject.common_name, "Test Root CA");
  EXPECT_EQ(assigned.certificates()[2].subject.common_name, "Test Root CA");
}

TEST(ChainTest, refuses) {
  const std::string good = to_pem(CertificateParts().encode(), "CERTIFICATE");
  const std::string bad = to_pem(Bytes({0x30, 0x00}), "CERTIFICATE");
  std::string eight;
  for (size_t i = 0; i < Chain::kMaxCertificates; ++i) eight += good;
  EXPECT_TRUE(Chain::parse_pem(eight).ok());
  EXPECT_TRUE(fails_with(Chain::parse_pem(eight + good), ErrorCode::too_large, "8 blocks"));
  EXPECT_TRUE(fails_with(Chain::parse_pem(good + bad), ErrorCode::truncated, "certificate"));
  EXPECT_TRUE(fails_with(Chain::parse_pem(""), ErrorCode::not_found, ""));
}

}  // namespace
}  // namespace quoin::x509
