#include <gtest/gtest.h>

#include <algorithm>

#include "quoin/verify.h"
#include "src/base/hex.h"
#include "src/crypto/p256.h"
#include "src/crypto/sha2.h"
#include "src/simulator/platform.h"
#include "src/x509/certificate.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

using simulator::Platform;
using simulator::Seed;

TEST(TrustRoot, IntelsIsIntels) {
  EXPECT_EQ(to_hex(sha256(TrustRoot::intel().certificate())),
            "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
  EXPECT_EQ(TrustRoot::intel().common_name(), "Intel SGX Root CA");
  EXPECT_FALSE(TrustRoot::intel().is_simulator());
}

TEST(TrustRoot, SimulatorsSaysSo) {
  const Platform platform(Seed(), UtcTime{});
  const auto der = TrustRoot::parse(platform.root_certificate());
  ASSERT_TRUE(der.ok());
  EXPECT_TRUE(der->is_simulator());
  const std::string pem = x509::to_pem(platform.root_certificate(), "CERTIFICATE");
  const auto from_pem = TrustRoot::parse(as_bytes(pem));
  ASSERT_TRUE(from_pem.ok());
  EXPECT_TRUE(equal(from_pem->certificate(), der->certificate()));
  EXPECT_TRUE(TrustRoot::parse(as_bytes("\n" + pem)).ok()) << "blank lines may stand in front";
  // One root a file: which of two would be trusted?
  const auto two = TrustRoot::parse(as_bytes(pem + pem));
  ASSERT_FALSE(two.ok());
  EXPECT_EQ(two.error().code, ErrorCode::malformed);
}

TEST(TrustRoot, WhatDidNotSignItselfIsRefused) {
  const Platform platform(Seed(), UtcTime{});
  for (const Bytes& certificate :
       {platform.certificates().platform_ca, platform.certificates().pck}) {
    const auto root = TrustRoot::parse(certificate);
    ASSERT_FALSE(root.ok());
    EXPECT_EQ(root.error().code, ErrorCode::refused);
  }
  // Its own name as issuer is not enough: the signature counts.
  auto settings = simulator::default_settings(Seed(), UtcTime{});
  settings.pki.root.signed_by = "somebody";
  const Platform forged(Seed(), settings);
  ASSERT_FALSE(TrustRoot::parse(forged.root_certificate()).ok());
}

TEST(TrustRoot, AKeyThatIsNotOnTheCurveIsRefused) {
  const Platform platform(Seed(), UtcTime{});
  const ByteView root = platform.root_certificate();
  Bytes der(root.begin(), root.end());
  const P256Point key = x509::parse_certificate(der)->public_key;
  std::ranges::fill(std::ranges::search(der, key), uint8_t{1});
  const auto refused = TrustRoot::parse(der);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::malformed);
}

TEST(TrustRoot, GarbageIsAnError) {
  for (const std::string_view garbage :
       {"", "\n", "hello", "-----BEGIN CERTIFICATE-----", "Certificate:\n    Data:\n"}) {
    const auto root = TrustRoot::parse(as_bytes(garbage));
    ASSERT_FALSE(root.ok()) << garbage;
    EXPECT_EQ(root.error().code, ErrorCode::malformed) << garbage;
    EXPECT_NE(root.error().what.find("neither DER nor PEM"), std::string::npos) << garbage;
  }
  EXPECT_FALSE(TrustRoot::parse(as_bytes("0")).ok());
}

}  // namespace
}  // namespace quoin
