#include "src/x509/crl.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "src/base/hex.h"
#include "src/x509/der_test_builder.h"

namespace quoin::x509 {
namespace {

using x509_test::bit_string;
using x509_test::critical_extension;
using x509_test::CrlParts;
using x509_test::element;
using x509_test::entry;
using x509_test::extension;
using x509_test::fails_with;
using x509_test::hex;
using x509_test::join;
using x509_test::octet_string;
using x509_test::oid;
using x509_test::sequence;
using x509_test::testdata;
using x509_test::text;

constexpr std::string_view kCrlNumber = "551d14";
constexpr std::string_view kReasonCode = "551d15";
constexpr std::string_view kDeltaCrlIndicator = "551d1b";
constexpr std::string_view kIssuingDistributionPoint = "551d1c";
constexpr std::string_view kCertificateIssuer = "551d1d";
constexpr std::string_view kAuthorityKeyIdentifier = "551d23";
constexpr std::string_view kUnknown = "551d7f";

TEST(CrlTest, reads_every_field) {
  CrlParts parts;
  parts.revoked =
      sequence({entry(hex("020107")), entry(hex("02020203")),
                entry(hex("020103"), sequence({extension(kReasonCode, hex("0a0101"))}))});
  parts.extensions.push_back(
      extension(kAuthorityKeyIdentifier, sequence({element(0x80, hex("0304"))})));
  parts.extensions.push_back(extension(kUnknown, hex("ffff")));
  const Bytes der = parts.encode();
  const auto crl = parse_crl(der);
  ASSERT_TRUE(crl.ok()) << crl.error().what;
  EXPECT_TRUE(equal(crl->encoded, der));
  EXPECT_EQ(crl->tbs.data(), der.data() + 3);
  EXPECT_EQ(to_hex(crl->signature), std::string(63, '0') + "1" + std::string(63, '0') + "2");
  EXPECT_TRUE(equal(crl->issuer.encoded, parts.issuer));
  EXPECT_EQ(crl->issuer.common_name, "Issuer");
  EXPECT_EQ(to_string(crl->this_update), "2025-01-02T03:04:05Z");
  EXPECT_EQ(to_string(crl->next_update), "2025-02-02T03:04:05Z");
  ASSERT_TRUE(crl->crl_number.has_value());
  EXPECT_EQ(to_hex(*crl->crl_number), "09");
  EXPECT_EQ(to_hex(crl->authority_key_identifier), "0304");
  ASSERT_EQ(crl->revoked.size(), 3u);
  EXPECT_EQ(to_hex(crl->revoked[0]), "0203");
  EXPECT_EQ(to_hex(crl->revoked[1]), "03");
  EXPECT_EQ(to_hex(crl->revoked[2]), "07");
}

TEST(CrlTest, is_revoked_compares_whole_serial_numbers) {
  CrlParts parts;
  parts.revoked = sequence({entry(hex("020107")), entry(hex("02020203")), entry(hex("0202 00ff"))});
  const Bytes der = parts.encode();
  const auto crl = parse_crl(der);
  ASSERT_TRUE(crl.ok()) << crl.error().what;
  for (const std::string_view serial : {"07", "0203", "00ff"}) {
    EXPECT_TRUE(crl->is_revoked(hex(serial))) << serial;
  }
  for (const std::string_view serial : {"", "02", "03", "ff", "00", "020300", "0007", "08"}) {
    EXPECT_FALSE(crl->is_revoked(hex(serial))) << serial;
  }
}

TEST(CrlTest, needs_neither_entries_nor_extensions) {
  const CrlParts parts;
  const Bytes der =
      x509_test::signed_by_nobody(sequence({parts.version, parts.algorithm, parts.issuer,
                                            parts.this_update, parts.next_update}),
                                  parts.outer_algorithm);
  const auto crl = parse_crl(der);
  ASSERT_TRUE(crl.ok()) << crl.error().what;
  EXPECT_TRUE(crl->revoked.empty());
  EXPECT_FALSE(crl->is_revoked(hex("07")));
  EXPECT_FALSE(crl->crl_number.has_value());
}

TEST(CrlTest, refuses_bad_fields) {
  const Bytes rsa = sequence({oid("2a864886f70d01010b"), hex("0500")});
  const auto set = [](Bytes CrlParts::* field, Bytes value) {
    return [field, value](CrlParts& parts) { parts.*field = value; };
  };
  const auto entries = [&set](const std::vector<Bytes>& list) {
    return set(&CrlParts::revoked, sequence(list));
  };
  const auto entry_extensions = [&entries](const std::vector<Bytes>& list) {
    return entries({entry(hex("020107"), sequence(list))});
  };
  const Bytes unknown = extension(kUnknown, {});
  const struct {
    std::string_view name;
    std::function<void(CrlParts&)> change;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"version 1", set(&CrlParts::version, {}), ErrorCode::unsupported, "of version 1"},
      {"version 1, written out", set(&CrlParts::version, hex("020100")), ErrorCode::unsupported,
       "version number 0"},
      {"version 3", set(&CrlParts::version, hex("020102")), ErrorCode::unsupported,
       "version number 2"},
      {"inner algorithm", set(&CrlParts::algorithm, rsa), ErrorCode::unsupported,
       "signature algorithm"},
      {"outer algorithm", set(&CrlParts::outer_algorithm, rsa), ErrorCode::unsupported,
       "signature algorithm"},
      {"empty issuer", set(&CrlParts::issuer, sequence({})), ErrorCode::unsupported, "name"},
      {"no thisUpdate", set(&CrlParts::this_update, {}), ErrorCode::malformed, "wanted a time"},
      {"no nextUpdate", set(&CrlParts::next_update, {}), ErrorCode::malformed, "wanted a time"},
      {"nextUpdate with a fraction", set(&CrlParts::next_update, text(0x18, "20250102030405.1Z")),
       ErrorCode::malformed, "a time"},
      {"behind the extensions", set(&CrlParts::behind_extensions, hex("0500")),
       ErrorCode::trailing_bytes, "CRL"},
      {"an empty list", entries({}), ErrorCode::malformed, "present and empty"},
      {"an entry of another type", entries({hex("020107")}), ErrorCode::malformed, "wanted 0x30"},
      {"an entry without a date", entries({sequence({hex("020107")})}), ErrorCode::truncated,
       "CRL entry"},
      {"an entry with a bad date",
       entries({sequence({hex("020107"), text(0x17, "250230000000Z")})}), ErrorCode::malformed,
       "time"},
      {"an entry with more",
       entries({sequence({hex("020107"), text(0x17, "250102030405Z"), hex("0500")})}),
       ErrorCode::trailing_bytes, "CRL entry"},
      {"a serial number that is not minimal", entries({entry(hex("02020007"))}),
       ErrorCode::malformed, "INTEGER"},
      {"a serial number of 21 octets", entries({entry(element(0x02, Bytes(21, 0x11)))}),
       ErrorCode::malformed, "over 20 octets"},
      {"empty entry extensions", entry_extensions({}), ErrorCode::malformed, "an empty list"},
      {"an entry extension twice", entry_extensions({unknown, unknown}), ErrorCode::malformed,
       "stands twice"},
      {"a critical entry extension", entry_extensions({critical_extension(kUnknown, {})}),
       ErrorCode::unsupported, "critical and not known"},
      {"a certificateIssuer", entry_extensions({extension(kCertificateIssuer, {})}),
       ErrorCode::unsupported, "indirect"},
      {"a reason that is not used", entry_extensions({extension(kReasonCode, hex("0a0107"))}),
       ErrorCode::malformed, "reasonCode"},
      {"a reason over the last", entry_extensions({extension(kReasonCode, hex("0a010b"))}),
       ErrorCode::malformed, "reasonCode"},
      {"a reason of two octets", entry_extensions({extension(kReasonCode, hex("0a020001"))}),
       ErrorCode::malformed, "reasonCode"},
      {"a reason and more", entry_extensions({extension(kReasonCode, hex("0a0101 00"))}),
       ErrorCode::trailing_bytes, "reasonCode"},
      {"removeFromCRL", entry_extensions({extension(kReasonCode, hex("0a0108"))}),
       ErrorCode::unsupported, "removeFromCRL"},
  };
  for (const auto& test : kTests) {
    CrlParts parts;
    test.change(parts);
    EXPECT_TRUE(fails_with(parse_crl(parts.encode()), test.code, test.what)) << test.name;
  }
}

TEST(CrlTest, refuses_bad_extensions) {
  const Bytes number = extension(kCrlNumber, hex("020101"));
  const struct {
    std::string_view name;
    std::vector<Bytes> extensions;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"none", {}, ErrorCode::malformed, "an empty list"},
      {"twice", {number, number}, ErrorCode::malformed, "stands twice"},
      {"delta", {extension(kDeltaCrlIndicator, hex("020101"))}, ErrorCode::unsupported, "delta"},
      {"critical delta",
       {critical_extension(kDeltaCrlIndicator, hex("020101"))},
       ErrorCode::unsupported,
       "delta"},
      {"issuing distribution point",
       {extension(kIssuingDistributionPoint, sequence({}))},
       ErrorCode::unsupported,
       "issuing distribution point"},
      {"critical and unknown",
       {critical_extension(kUnknown, {})},
       ErrorCode::unsupported,
       "critical and not known"},
      {"number and more",
       {extension(kCrlNumber, hex("020101 00"))},
       ErrorCode::trailing_bytes,
       "cRLNumber"},
      {"negative number",
       {extension(kCrlNumber, hex("0201ff"))},
       ErrorCode::malformed,
       "cRLNumber"},
      {"long number",
       {extension(kCrlNumber, element(0x02, Bytes(21, 0x11)))},
       ErrorCode::malformed,
       "over 20 octets"},
      {"authority key identifier",
       {extension(kAuthorityKeyIdentifier, hex("0500"))},
       ErrorCode::malformed,
       "authorityKeyIdentifier"},
  };
  for (const auto& test : kTests) {
    CrlParts parts;
    parts.extensions = test.extensions;
    EXPECT_TRUE(fails_with(parse_crl(parts.encode()), test.code, test.what)) << test.name;
  }
}

TEST(CrlTest, refuses_bad_framing) {
  const Bytes good = CrlParts().encode();
  ASSERT_TRUE(parse_crl(good).ok());
  EXPECT_TRUE(fails_with(parse_crl(join({good, {0x00}})), ErrorCode::trailing_bytes, ""));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(fails_with(parse_crl(ByteView(good).first(size)), ErrorCode::truncated, ""))
        << size;
  }
}

TEST(CrlTest, is_at_most_4_mib) {
  const Bytes bytes((size_t{4} << 20) + 1);
  EXPECT_TRUE(fails_with(parse_crl(bytes), ErrorCode::too_large, "4 MiB"));
  EXPECT_TRUE(fails_with(parse_crl(ByteView(bytes).first(size_t{4} << 20)), ErrorCode::malformed,
                         "wanted 0x30"));
}

TEST(CrlTest, has_at_most_100000_entries) {
  const Bytes one = entry(hex("020107"));
  Bytes list;
  list.reserve(100'001 * one.size());
  for (int i = 0; i < 100'000; ++i) list.insert(list.end(), one.begin(), one.end());
  CrlParts parts;
  parts.revoked = element(0x30, list);
  const Bytes largest = parts.encode();
  EXPECT_TRUE(parse_crl(largest).ok());
  list.insert(list.end(), one.begin(), one.end());
  parts.revoked = element(0x30, list);
  EXPECT_TRUE(fails_with(parse_crl(parts.encode()), ErrorCode::too_large, "100,000"));
}

TEST(CrlTest, refuses_other_kinds_that_openssl_made) {
  EXPECT_TRUE(fails_with(parse_crl(testdata("delta_crl.der")), ErrorCode::unsupported, "delta"));
  EXPECT_TRUE(fails_with(parse_crl(testdata("indirect_crl.der")), ErrorCode::unsupported,
                         "issuing distribution point"));
}

TEST(CrlTest, reads_what_openssl_made) {
  const Bytes der = testdata("platform_crl.der");
  const auto crl = parse_crl(der);
  ASSERT_TRUE(crl.ok()) << crl.error().what;
  EXPECT_EQ(crl->issuer.common_name, "Test PCK Platform CA");
  EXPECT_EQ(crl->revoked.size(), 2u);
  EXPECT_TRUE(crl->is_revoked(hex("0a0b")));
  EXPECT_TRUE(crl->is_revoked(hex("00f1e2d3c4b5a69788796a5b4c3d2e1f0011223344")));
}

}  // namespace
}  // namespace quoin::x509
