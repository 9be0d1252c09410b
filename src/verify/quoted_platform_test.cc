#include "src/verify/quoted_platform.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

// The text is read in two pieces; nobody may tell by what is refused.
TEST(CertificationData, IsExactlyThreeCertificates) {
  const Evidence honest;
  const std::string all = [&] {
    const Bytes bytes = quote_of(honest);
    return std::string(as_text(parse_quote(bytes)->certification_data));
  }();
  const std::string end = "-----END CERTIFICATE-----\n";
  const size_t first = all.find(end) + end.size();
  const size_t second = all.find(end, first) + end.size();
  const struct {
    std::string text;
    std::string_view seen;  // empty where it is accepted
  } kCases[] = {
      {all, ""},
      {all + "\n \t", ""},
      {"\r\n" + all, ""},
      {"", "PEM: no block"},
      {" \n", "PEM: no block"},
      {all.substr(0, first), "type 5, 1 certificates"},
      {all.substr(0, first) + " \n", "type 5, 1 certificates"},
      {all.substr(0, second), "type 5, 2 certificates"},
      {all + all.substr(0, first), "type 5, 4 certificates"},
      {all.substr(0, first) + "x", "PEM: wanted -----BEGIN CERTIFICATE-----"},
      {all.substr(0, first) + all.substr(second) + "x", "PEM: wanted -----BEGIN CERTIFICATE-----"},
      {"x" + all, "PEM: wanted -----BEGIN CERTIFICATE-----"},
      {all.substr(0, first - 1) + all.substr(first), "PEM: two blocks on one line"},
  };
  for (const auto& test : kCases) {
    Evidence evidence;
    evidence.change_quote = [&](simulator::QuoteParts& parts) {
      parts.certification_data.assign(test.text.begin(), test.text.end());
    };
    const Verdict verdict = verify(evidence);
    EXPECT_EQ(verdict.genuine, test.seen.empty());
    EXPECT_EQ(reason_of(verdict), test.seen.empty() ? "" : "certification_data");
    if (!test.seen.empty()) {
      EXPECT_EQ(verdict.checks.front().seen, test.seen) << test.text;
    }
  }
}

// What is remembered under a key was read from exactly this.
TEST(PlatformKey, CoversEverythingThatIsReadOfAPlatform) {
  const Bytes bytes = quote_of({});
  const Quote honest = parse_quote(bytes).value();
  const auto key_after = [&](const std::function<void(Quote&)>& change) {
    Quote quote = honest;
    change(quote);
    return platform_key(quote);
  };
  const ByteView pem = honest.certification_data;
  const ByteView auth = honest.qe_authentication_data;
  ASSERT_GE(auth.size(), 1u);
  Bytes both(auth.begin(), auth.end());
  both.insert(both.end(), pem.begin(), pem.end());
  const ByteView joined(both);

  const std::set<Sha256Digest> keys = {
      platform_key(honest),
      key_after([](Quote& q) { q.attestation_key[0] ^= 1; }),
      key_after([](Quote& q) { q.qe_report_signature[63] ^= 1; }),
      key_after([&](Quote& q) { q.qe_report_bytes = joined.first(384); }),
      key_after([&](Quote& q) { q.qe_authentication_data = auth.first(auth.size() - 1); }),
      key_after([&](Quote& q) { q.certification_data = pem.first(pem.size() - 1); }),
      key_after([](Quote& q) { q.certification_data_type = CertificationDataType::pck_leaf; }),
      key_after([](Quote& q) { q.header.version = 5; }),
      // The same bytes, divided elsewhere.
      key_after([&](Quote& q) {
        q.qe_authentication_data = joined.first(auth.size() - 1);
        q.certification_data = joined.subspan(auth.size() - 1);
      }),
      key_after([&](Quote& q) {
        q.qe_authentication_data = joined.first(auth.size() + 256);
        q.certification_data = joined.subspan(auth.size() + 256);
      }),
  };
  EXPECT_EQ(keys.size(), 10u);
}

TEST(PlatformKey, IsTheSameForEveryTdOfAPlatform) {
  const Bytes one_bytes = quote_of({});
  Evidence other;
  other.td_report.mr_td.fill(7);
  const Bytes other_bytes = quote_of(other);
  const Quote one = parse_quote(one_bytes).value();
  const Quote another = parse_quote(other_bytes).value();
  ASSERT_NE(one.signature, another.signature);
  EXPECT_EQ(platform_key(one), platform_key(another));
}

}  // namespace
}  // namespace quoin
