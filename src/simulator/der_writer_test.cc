#include "src/simulator/der_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "src/base/hex.h"

namespace quoin::simulator {
namespace {

struct DerTest {
  const char* name;
  Bytes written;
  const char* wanted;
};

// Expected bytes by X.690 and RFC 5280, not by our parser.
const DerTest kDerTests[] = {
    {"zero", der_integer(0), "020100"},
    {"127", der_integer(127), "02017f"},
    {"128 is not negative", der_integer(128), "02020080"},
    {"65535", der_integer(65535), "020300ffff"},
    {"leading zeros dropped", der_unsigned(Bytes{0, 0, 1, 2}), "02020102"},
    {"no digits", der_unsigned({}), "020100"},
    {"true", der_boolean(true), "0101ff"},
    {"false", der_boolean(false), "010100"},
    {"bit string", der_bit_string(Bytes{0xaa}), "030200aa"},
    {"keyCertSign and cRLSign", der_named_bits(1 << 5 | 1 << 6), "03020106"},
    {"digitalSignature and nonRepudiation", der_named_bits(1 << 0 | 1 << 1), "030206c0"},
    {"decipherOnly, bit 8", der_named_bits(1 << 8), "0303070080"},
    {"no bits", der_named_bits(0), "030100"},
    {"SGX extension", der_object_identifier({1, 2, 840, 113741, 1, 13, 1}),
     "06092a864886f84d010d01"},
    {"arc of 128", der_object_identifier({2, 5, 128}),
     "060355"
     "8100"},
    {"last second of UTCTime", der_time(parse_rfc3339("2049-12-31T23:59:59Z").value()),
     "170d3439313233313233353935395a"},
    {"first second of GeneralizedTime", der_time(parse_rfc3339("2050-01-01T00:00:00Z").value()),
     "180f32303530303130313030303030305a"},
    {"before UTCTime", der_time(parse_rfc3339("1949-12-31T23:59:59Z").value()),
     "180f31393439313233313233353935395a"},
    {"critical extension", der_extension(der_object_identifier({2, 5, 29, 15}), true, Bytes{1}),
     "300b"
     "0603551d0f"
     "0101ff"
     "040101"},
    {"extension", der_extension(der_object_identifier({2, 5, 29, 14}), false, Bytes{1}),
     "3008"
     "0603551d0e"
     "040101"},
};

TEST(DerWriter, WritesWhatTheStandardSays) {
  for (const DerTest& test : kDerTests) {
    SCOPED_TRACE(test.name);
    EXPECT_EQ(to_hex(test.written), test.wanted);
  }
}

TEST(DerWriter, WritesMinimalLengths) {
  for (const auto& [size, wanted] : {std::pair<size_t, const char*>{0, "0400"},
                                     {127, "047f"},
                                     {128, "048180"},
                                     {255, "0481ff"},
                                     {256, "04820100"},
                                     {65536, "0483010000"}}) {
    const Bytes element = der_octet_string(Bytes(size));
    const std::string header = wanted;
    ASSERT_EQ(element.size(), header.size() / 2 + size);
    EXPECT_EQ(to_hex(ByteView(element).first(header.size() / 2)), header);
  }
}

TEST(DerWriter, WritesSignaturesAsIntegers) {
  P256Signature signature{};
  signature[31] = 0x7f;  // r = 127
  signature[32] = 0x80;  // s has its top bit set
  EXPECT_EQ(to_hex(der_ecdsa_signature(signature)),
            "3026"
            "02017f"
            "022100"
            "80" +
                std::string(62, '0'));
}

}  // namespace
}  // namespace quoin::simulator
