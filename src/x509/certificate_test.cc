#include "src/x509/certificate.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "src/base/hex.h"
#include "src/x509/der_test_builder.h"

namespace quoin::x509 {
namespace {

using x509_test::bit_string;
using x509_test::CertificateParts;
using x509_test::common_name;
using x509_test::critical_extension;
using x509_test::element;
using x509_test::extension;
using x509_test::fails_with;
using x509_test::hex;
using x509_test::join;
using x509_test::octet_string;
using x509_test::oid;
using x509_test::rdn;
using x509_test::sequence;
using x509_test::testdata;
using x509_test::text;

constexpr std::string_view kSubjectKeyIdentifier = "551d0e";
constexpr std::string_view kKeyUsage = "551d0f";
constexpr std::string_view kBasicConstraints = "551d13";
constexpr std::string_view kAuthorityKeyIdentifier = "551d23";
constexpr std::string_view kUnknown = "551d7f";
constexpr std::string_view kSgx = "2a864886f84d010d01";

TEST(CertificateTest, reads_every_field) {
  CertificateParts parts;
  parts.extensions = {
      extension(kSubjectKeyIdentifier, octet_string(hex("0102"))),
      extension(kAuthorityKeyIdentifier, sequence({element(0x80, hex("0304"))})),
      critical_extension(kKeyUsage, hex("03020106")),
      critical_extension(kBasicConstraints, sequence({hex("0101ff"), hex("020103")})),
      extension(kSgx, sequence({})),
      extension(kUnknown, hex("ffff")),
  };
  const Bytes der = parts.encode();
  const auto certificate = parse_certificate(der);
  ASSERT_TRUE(certificate.ok()) << certificate.error().what;
  EXPECT_TRUE(equal(certificate->encoded, der));
  EXPECT_EQ(certificate->tbs.data(), der.data() + 4);
  EXPECT_EQ(to_hex(certificate->signature),
            std::string(63, '0') + "1" + std::string(63, '0') + "2");
  EXPECT_EQ(to_hex(certificate->serial), "05");
  EXPECT_TRUE(equal(certificate->issuer.encoded, parts.issuer));
  EXPECT_EQ(certificate->issuer.common_name, "Issuer");
  EXPECT_TRUE(equal(certificate->subject.encoded, parts.subject));
  EXPECT_EQ(certificate->subject.common_name, "Subject");
  EXPECT_FALSE(certificate->issuer == certificate->subject);
  EXPECT_EQ(to_string(certificate->not_before), "2025-01-02T03:04:05Z");
  EXPECT_EQ(to_string(certificate->not_after), "2051-01-02T03:04:05Z");
  EXPECT_EQ(to_hex(certificate->public_key), to_hex(Bytes(32, 0xaa)) + to_hex(Bytes(32, 0xbb)));
  ASSERT_TRUE(certificate->basic_constraints.has_value());
  EXPECT_TRUE(certificate->basic_constraints->ca);
  EXPECT_EQ(certificate->basic_constraints->path_length, 3u);
  EXPECT_EQ(certificate->key_usage, 1u << 5 | 1u << 6);
  EXPECT_EQ(to_hex(certificate->subject_key_identifier), "0102");
  EXPECT_EQ(to_hex(certificate->authority_key_identifier), "0304");
  EXPECT_EQ(to_hex(certificate->sgx_extension), "3000");
}

TEST(CertificateTest, needs_no_extension) {
  CertificateParts parts;
  const Bytes der = x509_test::signed_by_nobody(
      sequence({parts.version, parts.serial, parts.algorithm, parts.issuer, parts.validity,
                parts.subject, parts.key}),
      parts.outer_algorithm);
  const auto certificate = parse_certificate(der);
  ASSERT_TRUE(certificate.ok()) << certificate.error().what;
  EXPECT_FALSE(certificate->basic_constraints.has_value());
  EXPECT_FALSE(certificate->key_usage.has_value());
  EXPECT_TRUE(certificate->subject_key_identifier.empty());
  EXPECT_TRUE(certificate->authority_key_identifier.empty());
  EXPECT_TRUE(certificate->sgx_extension.empty());
}

// A change to a certificate that is otherwise accepted, and what comes of it.
struct Case {
  std::string_view name;
  std::function<void(CertificateParts&)> change;
  ErrorCode code;
  std::string_view what;
};

TEST(CertificateTest, refuses_bad_fields) {
  const Bytes pss = sequence({oid("2a864886f70d01010a")});
  const Bytes with_null = sequence({oid("2a8648ce3d040302"), hex("0500")});
  const Bytes ec = oid("2a8648ce3d0201");
  const Bytes p256 = oid("2a8648ce3d030107");
  const Bytes point = join({{0x04}, Bytes(64, 0xaa)});
  const Bytes time = text(0x17, "250102030405Z");
  const auto set = [](Bytes CertificateParts::* field, Bytes value) {
    return [field, value](CertificateParts& parts) { parts.*field = value; };
  };
  using P = CertificateParts;
  const Case kCases[] = {
      {"version 1", set(&P::version, {}), ErrorCode::unsupported, "of version 1"},
      {"version 1, written out", set(&P::version, hex("a003020100")), ErrorCode::unsupported,
       "version number 0"},
      {"version 2", set(&P::version, hex("a003020101")), ErrorCode::unsupported,
       "version number 1"},
      {"version 4", set(&P::version, hex("a003020103")), ErrorCode::unsupported,
       "version number 3"},
      {"two versions", set(&P::version, hex("a006020102020102")), ErrorCode::trailing_bytes,
       "certificate version"},
      {"serial of no octets", set(&P::serial, hex("0200")), ErrorCode::malformed, "no octets"},
      {"serial with a superfluous zero", set(&P::serial, hex("02020005")), ErrorCode::malformed,
       "more octets than it needs"},
      {"serial of 21 octets", set(&P::serial, element(0x02, Bytes(21, 0x11))), ErrorCode::malformed,
       "over 20 octets"},
      {"serial of 22 octets", set(&P::serial, element(0x02, join({{0x00}, Bytes(21, 0x81)}))),
       ErrorCode::malformed, "over 20 octets"},
      {"negative serial of 21 octets", set(&P::serial, element(0x02, Bytes(21, 0x81))),
       ErrorCode::malformed, "over 20 octets"},
      {"serial of another type", set(&P::serial, hex("0a0105")), ErrorCode::malformed,
       "tag 0x0a, wanted 0x02"},
      {"inner algorithm", set(&P::algorithm, pss), ErrorCode::unsupported, "signature algorithm"},
      {"inner parameters", set(&P::algorithm, with_null), ErrorCode::trailing_bytes,
       "signature algorithm"},
      {"outer algorithm", set(&P::outer_algorithm, pss), ErrorCode::unsupported,
       "signature algorithm"},
      {"outer parameters", set(&P::outer_algorithm, with_null), ErrorCode::trailing_bytes,
       "signature algorithm"},
      {"one date", set(&P::validity, sequence({time})), ErrorCode::truncated, "validity"},
      {"three dates", set(&P::validity, sequence({time, time, time})), ErrorCode::trailing_bytes,
       "validity"},
      {"a date without seconds", set(&P::validity, sequence({text(0x17, "2501020304Z"), time})),
       ErrorCode::malformed, "validity"},
      {"RSA key",
       set(&P::key,
           sequence({sequence({oid("2a864886f70d010101"), hex("0500")}), bit_string(point)})),
       ErrorCode::unsupported, "not an elliptic curve key"},
      {"P-384", set(&P::key, sequence({sequence({ec, oid("2b81040022")}), bit_string(point)})),
       ErrorCode::unsupported, "not on the curve P-256"},
      {"curve and more",
       set(&P::key, sequence({sequence({ec, p256, hex("0500")}), bit_string(point)})),
       ErrorCode::trailing_bytes, "subjectPublicKeyInfo"},
      {"key and more",
       set(&P::key, sequence({sequence({ec, p256}), bit_string(point), hex("0500")})),
       ErrorCode::trailing_bytes, "subjectPublicKeyInfo"},
      {"compressed point",
       set(&P::key, sequence({sequence({ec, p256}), bit_string(join({{0x02}, Bytes(32, 0xaa)}))})),
       ErrorCode::unsupported, "not an uncompressed point"},
      {"hybrid point",
       set(&P::key, sequence({sequence({ec, p256}), bit_string(join({{0x06}, Bytes(64, 0xaa)}))})),
       ErrorCode::unsupported, "not an uncompressed point"},
      {"short point",
       set(&P::key, sequence({sequence({ec, p256}), bit_string(join({{0x04}, Bytes(63, 0xaa)}))})),
       ErrorCode::truncated, "subjectPublicKey"},
      {"long point",
       set(&P::key, sequence({sequence({ec, p256}), bit_string(join({{0x04}, Bytes(65, 0xaa)}))})),
       ErrorCode::trailing_bytes, "subjectPublicKey"},
      {"key with unused bits",
       set(&P::key, sequence({sequence({ec, p256}), element(0x03, join({{0x01}, point}))})),
       ErrorCode::malformed, "BIT STRING"},
      {"issuerUniqueID", set(&P::unique_ids, hex("8102 0001")), ErrorCode::unsupported,
       "unique identifier"},
      {"subjectUniqueID", set(&P::unique_ids, hex("8202 0001")), ErrorCode::unsupported,
       "unique identifier"},
      {"behind the extensions", set(&P::behind_extensions, hex("0500")), ErrorCode::trailing_bytes,
       "certificate"},
      {"two lists of extensions",
       set(&P::behind_extensions, element(0xa3, sequence({extension(kUnknown, {})}))),
       ErrorCode::trailing_bytes, "certificate"},
  };
  for (const Case& test : kCases) {
    CertificateParts parts;
    test.change(parts);
    EXPECT_TRUE(fails_with(parse_certificate(parts.encode()), test.code, test.what)) << test.name;
  }
}

TEST(CertificateTest, refuses_bad_names) {
  const Bytes attribute = sequence({oid("550403"), text(0x0c, "A")});
  const struct {
    std::string_view name;
    Bytes encoded;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"not a sequence", element(0x31, common_name("A")), ErrorCode::malformed, "wanted 0x30"},
      {"empty", sequence({}), ErrorCode::unsupported, "name: empty"},
      {"two common names", sequence({common_name("A"), common_name("B")}), ErrorCode::malformed,
       "two common names"},
      {"two attributes in an RDN", sequence({element(0x31, join({attribute, attribute}))}),
       ErrorCode::unsupported, "several attributes"},
      {"empty RDN", sequence({element(0x31, {})}), ErrorCode::truncated, "name"},
      {"RDN of another type", sequence({sequence({attribute})}), ErrorCode::malformed,
       "wanted 0x31"},
      {"attribute and more",
       sequence({element(0x31, sequence({oid("550403"), text(0x0c, "A"), hex("0500")}))}),
       ErrorCode::trailing_bytes, "name"},
      {"BMPString", sequence({rdn("550403", hex("1e020041"))}), ErrorCode::unsupported,
       "no UTF8String"},
      {"TeletexString", sequence({rdn("550403", text(0x14, "A"))}), ErrorCode::unsupported,
       "no UTF8String"},
      {"empty value", sequence({common_name("")}), ErrorCode::malformed, "empty value"},
      {"257 characters", sequence({common_name(std::string(257, 'A'))}), ErrorCode::too_large,
       "over 256"},
      {"control character", sequence({common_name("A\x1b[2J")}), ErrorCode::unsupported,
       "not printable ASCII"},
      {"NUL", sequence({common_name(std::string_view("A\0B", 3))}), ErrorCode::unsupported,
       "not printable ASCII"},
      {"delete", sequence({common_name("A\x7f")}), ErrorCode::unsupported, "not printable ASCII"},
      {"UTF-8", sequence({common_name("\xc3\xa4")}), ErrorCode::unsupported, "not printable ASCII"},
      {"17 attributes", sequence({join(std::vector<Bytes>(17, rdn("55040a", text(0x0c, "A"))))}),
       ErrorCode::too_large, "more than 16"},
  };
  for (const auto& test : kTests) {
    CertificateParts issuer;
    issuer.issuer = test.encoded;
    EXPECT_TRUE(fails_with(parse_certificate(issuer.encode()), test.code, test.what)) << test.name;
    CertificateParts subject;
    subject.subject = test.encoded;
    EXPECT_TRUE(fails_with(parse_certificate(subject.encode()), test.code, test.what)) << test.name;
  }
}

TEST(CertificateTest, accepts_names_at_the_limits) {
  CertificateParts parts;
  parts.subject = sequence({join(std::vector<Bytes>(15, rdn("55040a", text(0x16, "A")))),
                            rdn("550403", text(0x13, std::string(256, 'A')))});
  parts.issuer = sequence({rdn("55040a", text(0x0c, "no common name"))});
  const Bytes der = parts.encode();
  const auto certificate = parse_certificate(der);
  ASSERT_TRUE(certificate.ok()) << certificate.error().what;
  EXPECT_EQ(certificate->subject.common_name, std::string(256, 'A'));
  EXPECT_EQ(certificate->issuer.common_name, "");
}

TEST(CertificateTest, accepts_every_serial_number_of_20_octets) {
  const Bytes high_bit = join({{0x00}, Bytes(20, 0x81)});
  for (const Bytes& serial : {hex("00"), hex("ff"), Bytes(20, 0x11), Bytes(20, 0x81), high_bit}) {
    CertificateParts parts;
    parts.serial = element(0x02, serial);
    const Bytes der = parts.encode();
    const auto certificate = parse_certificate(der);
    ASSERT_TRUE(certificate.ok()) << to_hex(serial);
    EXPECT_TRUE(equal(certificate->serial, serial));
  }
}

TEST(CertificateTest, refuses_bad_extensions) {
  const Bytes unknown = extension(kUnknown, hex("00"));
  std::vector<Bytes> seventeen;
  for (uint8_t i = 0; i < 17; ++i) {
    seventeen.push_back(sequence({element(0x06, {0x55, 0x1e, i}), octet_string({})}));
  }
  const struct {
    std::string_view name;
    std::vector<Bytes> extensions;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"none", {}, ErrorCode::malformed, "an empty list"},
      {"twice", {unknown, unknown}, ErrorCode::malformed, "stands twice"},
      {"critical and unknown",
       {critical_extension(kUnknown, hex("00"))},
       ErrorCode::unsupported,
       "critical and not known"},
      {"17", seventeen, ErrorCode::too_large, "more than 16"},
      {"over 4 KiB", {extension(kUnknown, Bytes(4097))}, ErrorCode::too_large, "over 4 KiB"},
      {"critical FALSE, written out",
       {sequence({oid(kUnknown), hex("010100"), octet_string({})})},
       ErrorCode::malformed,
       "DEFAULT FALSE"},
      {"critical 01",
       {sequence({oid(kUnknown), hex("010101"), octet_string({})})},
       ErrorCode::malformed,
       "DEFAULT FALSE"},
      {"value and more",
       {sequence({oid(kUnknown), octet_string({}), hex("0500")})},
       ErrorCode::trailing_bytes,
       "extension"},
      {"no value", {sequence({oid(kUnknown)})}, ErrorCode::truncated, "extension"},
      {"value of another type",
       {sequence({oid(kUnknown), bit_string({})})},
       ErrorCode::malformed,
       "wanted 0x04"},
      {"empty SGX extension", {extension(kSgx, {})}, ErrorCode::malformed, "SGX extension"},
      {"empty key identifier",
       {extension(kSubjectKeyIdentifier, octet_string({}))},
       ErrorCode::malformed,
       "subjectKeyIdentifier: empty"},
      {"key identifier and more",
       {extension(kSubjectKeyIdentifier, hex("040101 00"))},
       ErrorCode::trailing_bytes,
       "subjectKeyIdentifier"},
      {"empty authority key identifier",
       {extension(kAuthorityKeyIdentifier, sequence({element(0x80, {})}))},
       ErrorCode::malformed,
       "an empty key identifier"},
      {"authority key identifier and more",
       {extension(kAuthorityKeyIdentifier, hex("3003 800101 00"))},
       ErrorCode::trailing_bytes,
       "authorityKeyIdentifier"},
      {"authority's issuer and serial",
       {extension(kAuthorityKeyIdentifier, hex("3008 800101 a100 820101"))},
       ErrorCode::unsupported,
       "more than a key identifier"},
      {"basicConstraints and more",
       {extension(kBasicConstraints, hex("3000 00"))},
       ErrorCode::trailing_bytes,
       "basicConstraints"},
      {"a third member",
       {extension(kBasicConstraints, hex("3008 0101ff 020100 0500"))},
       ErrorCode::trailing_bytes,
       "basicConstraints"},
      {"cA FALSE, written out",
       {extension(kBasicConstraints, hex("3003 010100"))},
       ErrorCode::malformed,
       "DEFAULT FALSE"},
      {"path length without cA",
       {extension(kBasicConstraints, hex("3003 020100"))},
       ErrorCode::malformed,
       "without cA"},
      {"negative path length",
       {extension(kBasicConstraints, hex("3006 0101ff 0201ff"))},
       ErrorCode::malformed,
       "negative"},
  };
  for (const auto& test : kTests) {
    CertificateParts parts;
    parts.extensions = test.extensions;
    EXPECT_TRUE(fails_with(parse_certificate(parts.encode()), test.code, test.what)) << test.name;
  }
}

TEST(CertificateTest, the_list_of_extensions_is_all) {
  CertificateParts parts;
  const Bytes list = sequence({extension(kUnknown, hex("00"))});
  const Bytes der = x509_test::signed_by_nobody(
      sequence({parts.version, parts.serial, parts.algorithm, parts.issuer, parts.validity,
                parts.subject, parts.key, element(0xa3, join({list, hex("0500")}))}),
      parts.outer_algorithm);
  EXPECT_TRUE(fails_with(parse_certificate(der), ErrorCode::trailing_bytes, "extensions"));
}

TEST(CertificateTest, key_usage) {
  const struct {
    std::string_view der;
    std::optional<unsigned> bits;
    std::string_view what;
  } kTests[] = {
      {"0302 0780", 1u << 0, ""},
      {"0302 06c0", 1u << 0 | 1u << 1, ""},
      {"0302 0106", 1u << 5 | 1u << 6, ""},
      {"0302 0001", 1u << 7, ""},
      {"0303 07 0080", 1u << 8, ""},
      {"0303 07 8080", 1u << 8 | 1u << 0, ""},
      {"0300", {}, "keyUsage"},
      {"0301 00", {}, "no bits"},
      {"0302 0880", {}, "no bits"},
      {"0302 0000", {}, "does not end with a one bit"},
      {"0302 0006", {}, "does not end with a one bit"},
      {"0302 0206", {}, "unused bits are set"},
      {"0303 06 0040", {}, "more than 9 bits"},
      {"0304 07 000080", {}, "more than 9 bits"},
      {"0302 0106 00", {}, "left over"},
      {"0402 0106", {}, "wanted 0x03"},
  };
  for (const auto& test : kTests) {
    CertificateParts parts;
    parts.extensions = {extension(kKeyUsage, hex(test.der))};
    const Bytes der = parts.encode();
    const auto certificate = parse_certificate(der);
    if (test.bits.has_value()) {
      ASSERT_TRUE(certificate.ok()) << test.der << certificate.error().what;
      EXPECT_EQ(certificate->key_usage, *test.bits) << test.der;
    } else {
      ASSERT_FALSE(certificate.ok()) << test.der;
      EXPECT_NE(certificate.error().what.find(test.what), std::string::npos)
          << test.der << certificate.error().what;
    }
  }
}

TEST(CertificateTest, refuses_bad_framing) {
  const CertificateParts parts;
  const Bytes good = parts.encode();
  ASSERT_TRUE(parse_certificate(good).ok());
  EXPECT_TRUE(fails_with(parse_certificate(join({good, {0x00}})), ErrorCode::trailing_bytes, ""));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(fails_with(parse_certificate(ByteView(good).first(size)), ErrorCode::truncated, ""))
        << size;
  }
  const Bytes tbs = sequence({parts.version});
  const Bytes algorithm = parts.outer_algorithm;
  const Bytes signature = bit_string(hex("3006 020101 020101"));
  EXPECT_TRUE(fails_with(parse_certificate(sequence({tbs, algorithm, signature, hex("0500")})),
                         ErrorCode::trailing_bytes, ""));
  EXPECT_TRUE(fails_with(
      parse_certificate(sequence({tbs, algorithm, element(0x03, hex("01 3006 020101 020102"))})),
      ErrorCode::malformed, "BIT STRING"));
  EXPECT_TRUE(fails_with(
      parse_certificate(sequence({tbs, algorithm, bit_string(hex("3006 020101 020101 00"))})),
      ErrorCode::trailing_bytes, "ECDSA-Sig-Value"));
  EXPECT_TRUE(fails_with(parse_certificate(sequence({hex("0500"), algorithm, signature})),
                         ErrorCode::malformed, "wanted 0x30"));
  Bytes indefinite = good;
  indefinite[1] = 0x80;
  EXPECT_TRUE(fails_with(parse_certificate(indefinite), ErrorCode::malformed, "indefinite"));
}

TEST(CertificateTest, is_at_most_16_kib) {
  CertificateParts parts;
  parts.extensions.clear();
  for (uint8_t i = 0; i < 4; ++i) {
    parts.extensions.push_back(
        sequence({element(0x06, {0x55, 0x1e, i}), octet_string(Bytes(4000))}));
  }
  const size_t room = 16 * 1024 - parts.encode().size() - 11;
  parts.extensions.push_back(extension(kUnknown, Bytes(room)));
  const Bytes largest = [&] {
    Bytes der = parts.encode();
    while (der.size() < 16 * 1024) {
      parts.extensions.back() = extension(kUnknown, Bytes(room + 16 * 1024 - der.size()));
      der = parts.encode();
    }
    return der;
  }();
  ASSERT_EQ(largest.size(), 16u * 1024);
  EXPECT_TRUE(parse_certificate(largest).ok());
  EXPECT_TRUE(fails_with(parse_certificate(join({largest, {0x00}})), ErrorCode::too_large, ""));
}

TEST(CertificateTest, refuses_other_kinds_that_openssl_made) {
  const struct {
    std::string_view file;
    std::string_view what;
  } kTests[] = {
      {"rsa_key.der", "not an elliptic curve key"},
      {"rsa_signature.der", "wanted ecdsa-with-SHA256"},
      {"p384_key.der", "not on the curve P-256"},
      {"version1.der", "of version 1"},
  };
  for (const auto& test : kTests) {
    EXPECT_TRUE(
        fails_with(parse_certificate(testdata(test.file)), ErrorCode::unsupported, test.what))
        << test.file;
  }
}

}  // namespace
}  // namespace quoin::x509
