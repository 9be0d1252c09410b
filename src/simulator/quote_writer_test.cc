#include "src/simulator/quote_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "src/crypto/p256.h"
#include "src/crypto/sha2.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/signing_key.h"

namespace quoin::simulator {
namespace {

class QuoteWriterTest : public testing::Test {
 protected:
  QuoteBody td_body(BodyType type) const {
    const Bytes report = platform_.td_report(default_td_state(), test_report_data());
    return td_quote_body(parse_td_report(report).value(), type).value();
  }

  QuoteParts parts(uint16_t version = 4) const {
    return platform_.quote_parts(td_body(BodyType::td_report_10), version);
  }

  Bytes write(const QuoteParts& parts) const { return write_quote(platform_.seed(), parts); }

  Platform platform_{test_seed(1), kIssued};
};

bool verifies(const P256Point& key, ByteView message, const P256Signature& signature) {
  return P256PublicKey::from_point(key)->verify(message, signature);
}

P256Point public_key(const Seed& seed, std::string_view label) {
  return SigningKey::derive(seed, label).public_key();
}

TEST_F(QuoteWriterTest, WritesEveryVersionAndBody) {
  const QuoteBody enclave = default_enclave_report(test_report_data());
  const std::vector<std::pair<uint16_t, QuoteBody>> kinds = {
      {3, enclave},
      {4, enclave},
      {4, td_body(BodyType::td_report_10)},
      {5, enclave},
      {5, td_body(BodyType::td_report_10)},
      {5, td_body(BodyType::td_report_15)},
      {5, td_body(BodyType::td_report_15_ex)},
  };
  for (const auto& [version, body] : kinds) {
    SCOPED_TRACE(std::to_string(version) + ", body " + std::to_string(body.index()));
    const Bytes bytes = write(platform_.quote_parts(body, version));
    const Result<Quote> quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().what;
    EXPECT_EQ(quote->header.version, version);
    EXPECT_EQ(quote->body.index(), body.index());
    EXPECT_EQ(quote->report_data(), test_report_data());
    EXPECT_TRUE(quote->trailing.empty());
    EXPECT_EQ(serialise(*quote), bytes);

    const Seed& seed = platform_.seed();
    EXPECT_EQ(quote->attestation_key, public_key(seed, kAttestationKey));
    EXPECT_TRUE(verifies(quote->attestation_key, quote->signed_bytes, quote->signature));
    EXPECT_TRUE(
        verifies(public_key(seed, kPckKey), quote->qe_report_bytes, quote->qe_report_signature));
    const Sha256Digest binding = sha256({quote->attestation_key, quote->qe_authentication_data});
    EXPECT_TRUE(equal(ByteView(quote->qe_report.report_data).first(32), binding));
  }
}

TEST_F(QuoteWriterTest, RefusesTdBodiesOfSgxType) {
  const TdReportStruct report =
      parse_td_report(platform_.td_report(default_td_state(), test_report_data())).value();
  EXPECT_EQ(td_quote_body(report, BodyType::sgx_enclave_report).error().code,
            ErrorCode::invalid_argument);
}

TEST_F(QuoteWriterTest, WritesEveryTypeOfCertificationData) {
  const struct {
    CertificationDataType type;
    size_t size;  // 0: PEM, of any size
  } kTypes[] = {{CertificationDataType::ppid_plain, 36},
                {CertificationDataType::ppid_rsa2048_encrypted, 276},
                {CertificationDataType::ppid_rsa3072_encrypted, 404},
                {CertificationDataType::pck_leaf, 0},
                {CertificationDataType::pck_chain, 0}};
  for (const auto& [type, size] : kTypes) {
    QuoteParts changed = parts();
    changed.certification_data_type = type;
    changed.certification_data = platform_.certification_data(type);
    const Bytes bytes = write(changed);
    const Result<Quote> quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().what;
    EXPECT_EQ(quote->certification_data_type, type);
    if (size != 0) {
      EXPECT_EQ(quote->certification_data.size(), size);
    }
  }
  EXPECT_TRUE(platform_.certification_data(CertificationDataType::qe_report).empty());
}

TEST_F(QuoteWriterTest, TakesAnyAuthenticationDataAndWhatStandsBehind) {
  for (const size_t size : {0u, 1u, 32u, 65535u}) {
    QuoteParts changed = parts();
    changed.qe_authentication_data = Bytes(size, 0xab);
    changed.trailing = Bytes(5, 0xcd);
    const Bytes bytes = write(changed);
    const Result<Quote> quote = parse_quote(bytes);
    ASSERT_TRUE(quote.ok()) << quote.error().what;
    EXPECT_TRUE(equal(quote->qe_authentication_data, changed.qe_authentication_data));
    EXPECT_TRUE(equal(quote->trailing, changed.trailing));
  }
}

TEST_F(QuoteWriterTest, SwapsKeysAndBreaksTheBinding) {
  const Seed& seed = platform_.seed();
  QuoteParts changed = parts();
  changed.signed_by = "another";
  changed.qe_report_signed_by = kPlatformCaKey;
  changed.bind_attestation_key = false;
  changed.qe_report.report_data.fill(9);
  const Bytes bytes = write(changed);
  const Quote quote = parse_quote(bytes).value();
  EXPECT_FALSE(verifies(quote.attestation_key, quote.signed_bytes, quote.signature));
  EXPECT_TRUE(verifies(public_key(seed, "another"), quote.signed_bytes, quote.signature));
  EXPECT_FALSE(
      verifies(public_key(seed, kPckKey), quote.qe_report_bytes, quote.qe_report_signature));
  EXPECT_TRUE(
      verifies(public_key(seed, kPlatformCaKey), quote.qe_report_bytes, quote.qe_report_signature));
  EXPECT_EQ(quote.qe_report.report_data, changed.qe_report.report_data);
}

TEST_F(QuoteWriterTest, LiesAboutSizesAndTypes) {
  const struct {
    const char* name;
    QuoteLies lies;
  } kLies[] = {
      {"body type", {.body_type = 1}},
      {"unknown body type", {.body_type = 5}},
      {"body size", {.body_size = 583}},
      {"body size with the top bit set", {.body_size = 0x80000000}},
      {"signature data too large", {.signature_data_size = 0xffffffff}},
      {"signature data too small", {.signature_data_size = 100}},
      {"outer type", {.outer_certification_data_type = 5}},
      {"outer size", {.outer_certification_data_size = 0xffffffff}},
      {"authentication data size", {.qe_authentication_data_size = 0xffff}},
      {"certification data size", {.certification_data_size = 1}},
  };
  ASSERT_TRUE(parse_quote(write(parts(5))).ok());
  for (const auto& test : kLies) {
    SCOPED_TRACE(test.name);
    QuoteParts changed = parts(5);
    changed.lies = test.lies;
    EXPECT_FALSE(parse_quote(write(changed)).ok());
  }
}

}  // namespace
}  // namespace quoin::simulator
