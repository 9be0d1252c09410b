#include "src/x509/der.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/hex.h"
#include "src/x509/der_test_builder.h"

namespace quoin::der {
namespace {

using x509_test::element;
using x509_test::fails_with;
using x509_test::hex;
using x509_test::join;
using x509_test::text;

TEST(ParserTest, refuses_bad_headers) {
  const struct {
    std::string_view der;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"", ErrorCode::truncated, "test: needs 1 more"},
      {"04", ErrorCode::truncated, "test: needs 1 more"},
      {"0402 00", ErrorCode::truncated, "test: needs 2 more"},
      {"0482 01", ErrorCode::truncated, "test: needs 2 more"},
      {"1f81 00 00", ErrorCode::malformed, "tag number above 30"},
      {"bf01 00", ErrorCode::malformed, "tag number above 30"},
      {"3080 0000", ErrorCode::malformed, "indefinite"},
      {"0481 7f", ErrorCode::malformed, "more octets than it needs"},
      {"0481 00", ErrorCode::malformed, "more octets than it needs"},
      {"0482 00ff", ErrorCode::malformed, "more octets than it needs"},
      {"0483 00ffff", ErrorCode::malformed, "more octets than it needs"},
      {"0484 00ffffff", ErrorCode::malformed, "more octets than it needs"},
      {"0484 ffffffff", ErrorCode::truncated, "needs 4294967295 more"},
      {"0485 0100000000", ErrorCode::malformed, "takes 5 octets"},
      {"0488 ffffffffffffffff", ErrorCode::malformed, "takes 8 octets"},
      {"04ff 00", ErrorCode::malformed, "takes 127 octets"},
  };
  for (const auto& test : kTests) {
    const Bytes der = hex(test.der);
    Parser parser(der, "test");
    EXPECT_TRUE(fails_with(parser.next(), test.code, test.what)) << test.der;
  }
}

TEST(ParserTest, reads_elements_of_every_length_form) {
  for (const size_t size : {size_t{0}, size_t{0x7f}, size_t{0x80}, size_t{0xff}, size_t{0x100},
                            size_t{0xffff}, size_t{0x10000}}) {
    const Bytes der = element(0x04, Bytes(size, 0x5a));
    Parser parser(der, "test");
    const auto result = parser.next();
    ASSERT_TRUE(result.ok()) << size;
    EXPECT_EQ(result->tag, Tag::octet_string);
    EXPECT_EQ(result->contents.size(), size);
    EXPECT_TRUE(equal(result->encoded, der));
    EXPECT_TRUE(parser.finish().ok());
  }
}

TEST(ParserTest, refuses_what_is_left_over) {
  const Bytes der = hex("0500 00");
  Parser parser(der, "test");
  ASSERT_TRUE(parser.expect(Tag::null).ok());
  EXPECT_TRUE(fails_with(parser.finish(), ErrorCode::trailing_bytes, "test: 1 bytes left over"));
}

TEST(ParserTest, reads_nothing_when_it_fails) {
  const Bytes der = hex("0201ff 0101ff 0404 00000000");
  Parser parser(der, "test");
  EXPECT_TRUE(fails_with(parser.expect(Tag::sequence), ErrorCode::malformed,
                         "test: tag 0x02, wanted 0x30"));
  EXPECT_TRUE(fails_with(parser.sequence("inner"), ErrorCode::malformed, "tag 0x02"));
  EXPECT_TRUE(fails_with(parser.small_unsigned(), ErrorCode::malformed, "negative"));
  EXPECT_TRUE(fails_with(parser.boolean(), ErrorCode::malformed, "tag 0x02, wanted 0x01"));
  EXPECT_TRUE(fails_with(parser.object_identifier(), ErrorCode::malformed, "wanted 0x06"));
  EXPECT_TRUE(fails_with(parser.octet_aligned_bit_string(), ErrorCode::malformed, "wanted 0x03"));
  EXPECT_TRUE(fails_with(parser.time(), ErrorCode::malformed, "wanted a time"));
  EXPECT_TRUE(parser.expect(Tag::integer).ok());
  EXPECT_TRUE(parser.boolean().value());
  EXPECT_TRUE(parser.expect(Tag::octet_string).ok());
  EXPECT_TRUE(parser.empty());
}

TEST(ParserTest, optional_takes_only_its_tag) {
  const Bytes der = hex("a003 020102 8100");
  Parser parser(der, "test");
  EXPECT_FALSE(parser.optional(context_primitive(0)).value().has_value());
  const auto version = parser.optional(context_constructed(0));
  ASSERT_TRUE(version.ok() && version->has_value());
  EXPECT_TRUE(equal((*version)->contents, hex("020102")));
  EXPECT_TRUE(parser.optional(context_primitive(1)).value().has_value());
  EXPECT_FALSE(parser.optional(context_primitive(1)).value().has_value());
  EXPECT_TRUE(parser.finish().ok());
}

TEST(ParserTest, optional_refuses_a_broken_element) {
  const Bytes der = hex("8105 00");
  Parser parser(der, "test");
  EXPECT_TRUE(fails_with(parser.optional(context_primitive(1)), ErrorCode::truncated, "test"));
}

TEST(ParserTest, sequence_cannot_reach_past_its_end) {
  const Bytes der = hex("3002 0402 0000");
  Parser parser(der, "test");
  Parser inner = parser.sequence("inner").value();
  EXPECT_TRUE(fails_with(inner.next(), ErrorCode::truncated, "inner: needs 2 more bytes, has 0"));
}

TEST(ParserTest, small_unsigned) {
  const struct {
    std::string_view der;
    std::optional<uint32_t> value;
    std::string_view what;
  } kTests[] = {
      {"020100", 0, ""},
      {"02017f", 127, ""},
      {"02020080", 128, ""},
      {"02047fffffff", 0x7fffffff, ""},
      {"020180", {}, "negative"},
      {"0204feffff7f", {}, "negative"},
      {"02050080000000", {}, "5 bytes"},
      {"0200", {}, "no octets"},
      {"0202007f", {}, "more octets than it needs"},
      {"0202ff80", {}, "more octets than it needs"},
  };
  for (const auto& test : kTests) {
    const Bytes der = hex(test.der);
    Parser parser(der, "test");
    const auto result = parser.small_unsigned();
    if (test.value.has_value()) {
      ASSERT_TRUE(result.ok()) << test.der;
      EXPECT_EQ(*result, *test.value);
    } else {
      EXPECT_TRUE(fails_with(result, ErrorCode::malformed, test.what)) << test.der;
    }
  }
}

TEST(ParserTest, boolean) {
  const struct {
    std::string_view der;
    std::optional<bool> value;
  } kTests[] = {{"010100", false}, {"0101ff", true}, {"010101", {}},
                {"0101fe", {}},    {"0100", {}},     {"0102ffff", {}}};
  for (const auto& test : kTests) {
    const Bytes der = hex(test.der);
    Parser parser(der, "test");
    const auto result = parser.boolean();
    if (test.value.has_value()) {
      ASSERT_TRUE(result.ok()) << test.der;
      EXPECT_EQ(*result, *test.value);
    } else {
      EXPECT_TRUE(fails_with(result, ErrorCode::malformed, "BOOLEAN")) << test.der;
    }
  }
}

TEST(ParserTest, object_identifier) {
  const struct {
    std::string_view der;
    std::string_view what;  // of the error; empty where there is none
  } kTests[] = {
      {"0603551d0f", ""},          {"06092a864886f84d010d01", ""},
      {"0600", "without an end"},  {"06022a86", "without an end"},
      {"0602802a", "not minimal"}, {"06032a8001", "not minimal"},
      {"0604 2a 868001", ""},  // 0x80 inside an arc is a digit of it
  };
  for (const auto& test : kTests) {
    const Bytes der = hex(test.der);
    Parser parser(der, "test");
    const auto result = parser.object_identifier();
    if (test.what.empty()) {
      ASSERT_TRUE(result.ok()) << test.der;
      EXPECT_TRUE(equal(*result, ByteView(der).subspan(2)));
    } else {
      EXPECT_TRUE(fails_with(result, ErrorCode::malformed, test.what)) << test.der;
    }
  }
}

TEST(ParserTest, octet_aligned_bit_string) {
  const struct {
    std::string_view der;
    std::optional<std::string_view> octets;
  } kTests[] = {{"0303 00 abcd", "abcd"},
                {"0301 00", ""},
                {"0300", {}},
                {"0302 01 fe", {}},
                {"0302 08 00", {}}};
  for (const auto& test : kTests) {
    const Bytes der = hex(test.der);
    Parser parser(der, "test");
    const auto result = parser.octet_aligned_bit_string();
    if (test.octets.has_value()) {
      ASSERT_TRUE(result.ok()) << test.der;
      EXPECT_EQ(to_hex(*result), *test.octets);
    } else {
      EXPECT_TRUE(fails_with(result, ErrorCode::malformed, "BIT STRING")) << test.der;
    }
  }
}

TEST(ParserTest, time) {
  constexpr uint8_t kUtc = 0x17;
  constexpr uint8_t kGeneralized = 0x18;
  const struct {
    uint8_t tag;
    std::string_view text;
    std::string_view value;  // empty where it is refused
  } kTests[] = {
      {kUtc, "250313073024Z", "2025-03-13T07:30:24Z"},
      {kUtc, "491231235959Z", "2049-12-31T23:59:59Z"},
      {kUtc, "500101000000Z", "1950-01-01T00:00:00Z"},
      {kUtc, "991231235959Z", "1999-12-31T23:59:59Z"},
      {kGeneralized, "20500101000000Z", "2050-01-01T00:00:00Z"},
      {kGeneralized, "99991231235959Z", "9999-12-31T23:59:59Z"},
      {kGeneralized, "20250313073024Z", "2025-03-13T07:30:24Z"},  // not checked: UTCTime to 2049
      {kUtc, "20250313073024Z", ""},
      {kGeneralized, "250313073024Z", ""},
      {kUtc, "2503130730Z", ""},    // without seconds
      {kUtc, "250313073024", ""},   // without a zone
      {kUtc, "2503130730240", ""},  // a digit in its place
      {kUtc, "250313073024z", ""},
      {kUtc, "250313073024+0000", ""},
      {kGeneralized, "20250313073024.5Z", ""},
      {kGeneralized, "20250313073024", ""},
      {kUtc, "250229000000Z", ""},
      {kUtc, "251301000000Z", ""},
      {kUtc, "250100000000Z", ""},
      {kUtc, "250101240000Z", ""},
      {kUtc, "250101006000Z", ""},
      {kUtc, "250101000060Z", ""},  // a leap second
      {kUtc, ":50101000000Z", ""},
      {kUtc, "25 101000000Z", ""},
      {kUtc, "", ""},
      {0x16, "250313073024Z", ""},
  };
  for (const auto& test : kTests) {
    const Bytes der = text(test.tag, test.text);
    Parser parser(der, "test");
    const auto result = parser.time();
    if (!test.value.empty()) {
      ASSERT_TRUE(result.ok()) << test.text;
      EXPECT_EQ(to_string(*result), test.value);
      EXPECT_TRUE(parser.empty());
    } else {
      EXPECT_TRUE(fails_with(result, ErrorCode::malformed, "")) << test.text;
      EXPECT_FALSE(parser.empty());
    }
  }
}

TEST(EcdsaSignatureTest, pads_and_strips) {
  Bytes s = Bytes(32, 0xff);
  s[31] = 0xfe;
  const Bytes good = x509_test::sequence({hex("020101"), element(0x02, join({{0x00}, s}))});
  const auto signature = parse_ecdsa_signature(good);
  ASSERT_TRUE(signature.ok());
  EXPECT_EQ(to_hex(*signature), std::string(63, '0') + "1" + to_hex(s));
}

TEST(EcdsaSignatureTest, refuses) {
  const std::string ff32(64, 'f');
  const struct {
    std::string name;
    Bytes der;
    ErrorCode code;
    std::string_view what;
  } kTests[] = {
      {"not a sequence", hex("020101"), ErrorCode::malformed, "wanted 0x30"},
      {"behind it", hex("3006 020101 020101 00"), ErrorCode::trailing_bytes, ""},
      {"a third number", hex("3009 020101 020101 020101"), ErrorCode::trailing_bytes, ""},
      {"one number", hex("3003 020101"), ErrorCode::truncated, ""},
      {"negative r", hex("3006 0201ff 020101"), ErrorCode::malformed, "negative"},
      {"negative s", hex("3006 020101 0201ff"), ErrorCode::malformed, "negative"},
      {"superfluous zero", hex("3007 02020001 020101"), ErrorCode::malformed, "INTEGER"},
      {"no octets", hex("3005 0200 020101"), ErrorCode::malformed, "INTEGER"},
      {"257 bits", hex("3026 0221 01" + ff32 + " 020101"), ErrorCode::malformed, "over 256 bits"},
      {"264 bits", hex("3027 0222 00ff" + ff32 + " 020101"), ErrorCode::malformed, "over 256 bits"},
  };
  for (const auto& test : kTests) {
    EXPECT_TRUE(fails_with(parse_ecdsa_signature(test.der), test.code, test.what)) << test.name;
  }
}

}  // namespace
}  // namespace quoin::der
