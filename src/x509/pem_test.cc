#include "src/x509/pem.h"

#include <gtest/gtest.h>

#include <string>

#include "src/x509/der_test_builder.h"

namespace quoin::x509 {
namespace {

using x509_test::fails_with;

constexpr std::string_view kLabel = "CERTIFICATE";
constexpr std::string_view kBlock =
    "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";

TEST(PemTest, accepts) {
  const std::string block(kBlock);
  const struct {
    std::string_view name;
    std::string text;
    size_t blocks;
  } kTests[] = {
      {"one", block, 1},
      {"two", block + block, 2},
      {"blanks around", " \t\r\n" + block + "\n \t\r\n\n" + block + "\n\n", 2},
      {"CR LF", "-----BEGIN CERTIFICATE-----\r\nAAEC\r\n-----END CERTIFICATE-----\r\n", 1},
      {"no last line break", block.substr(0, block.size() - 1), 1},
      {"NUL behind", block + std::string(1, '\0'), 1},
      {"NUL without a line break", block.substr(0, block.size() - 1) + std::string(1, '\0'), 1},
      {"several lines", "-----BEGIN CERTIFICATE-----\nAA\nE\nC\n-----END CERTIFICATE-----\n", 1},
  };
  for (const auto& test : kTests) {
    const auto blocks = parse_pem(test.text, kLabel, 2);
    ASSERT_TRUE(blocks.ok()) << test.name << ": " << blocks.error().what;
    ASSERT_EQ(blocks->size(), test.blocks) << test.name;
    for (const Bytes& bytes : *blocks) EXPECT_EQ(bytes, Bytes({0, 1, 2})) << test.name;
  }
}

TEST(PemTest, refuses) {
  const std::string block(kBlock);
  const std::string nul(1, '\0');
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const std::string end = "-----END CERTIFICATE-----\n";
  const struct {
    std::string_view name;
    std::string text;
    ErrorCode code;
  } kTests[] = {
      {"nothing", "", ErrorCode::not_found},
      {"only NUL", nul, ErrorCode::not_found},
      {"only blanks", " \r\n\t", ErrorCode::not_found},
      {"three blocks", block + block + block, ErrorCode::too_large},
      {"two NULs", block + nul + nul, ErrorCode::malformed},
      {"NUL between", block + nul + block, ErrorCode::malformed},
      {"NUL and a line break", block + nul + "\n", ErrorCode::malformed},
      {"NUL inside", begin + "AAE" + nul + "\n" + end, ErrorCode::malformed},
      {"text before", "x\n" + block, ErrorCode::malformed},
      {"text behind", block + "x", ErrorCode::malformed},
      {"text between", block + "x" + block, ErrorCode::malformed},
      {"another label", "-----BEGIN X509 CRL-----\nAAEC\n-----END X509 CRL-----\n",
       ErrorCode::malformed},
      {"another label at the end", begin + "AAEC\n-----END X509 CRL-----\n", ErrorCode::malformed},
      {"no end", begin + "AAEC\n", ErrorCode::malformed},
      {"cut end", begin + "AAEC\n-----END CERTIFICATE----", ErrorCode::malformed},
      {"no line break behind the beginning", "-----BEGIN CERTIFICATE-----AAEC\n" + end,
       ErrorCode::malformed},
      {"no line break before the end", begin + "AAEC" + end, ErrorCode::malformed},
      {"two blocks on one line", block.substr(0, block.size() - 1) + block, ErrorCode::malformed},
      {"empty block", begin + end, ErrorCode::malformed},
      {"empty line", begin + "\nAAEC\n" + end, ErrorCode::malformed},
      {"header", begin + "Proc-Type: 4,ENCRYPTED\n\nAAEC\n" + end, ErrorCode::malformed},
      {"blank at the end of a line", begin + "AAEC \n" + end, ErrorCode::malformed},
      {"bare CR", begin + "AA\rEC\n" + end, ErrorCode::malformed},
      {"bad base64", begin + "AAE!\n" + end, ErrorCode::malformed},
      {"unused bits", begin + "AAF=\n" + end, ErrorCode::malformed},
      {"padding in the middle", begin + "AA==\nAAEC\n" + end, ErrorCode::malformed},
      {"too long", block + std::string(size_t{8} << 20, '\n'), ErrorCode::too_large},
  };
  for (const auto& test : kTests) {
    EXPECT_TRUE(fails_with(parse_pem(test.text, kLabel, 2), test.code, "PEM") ||
                fails_with(parse_pem(test.text, kLabel, 2), test.code, "base64"))
        << test.name;
  }
}

// Reading the first block and the rest apart refuses what reading the whole does, and reads the
// same.
TEST(PemTest, halves_are_the_whole) {
  const std::string block = to_pem(Bytes{0, 1, 2}, kLabel);
  const std::string other = to_pem(Bytes(100, 7), kLabel);
  const std::string open = block.substr(0, block.size() - 1);
  const std::string texts[] = {
      block + other,
      block + "\n \n" + other,
      block + other + block,
      block + other + '\0',
      block + "x" + other,
      open + other,
      open + "-" + other,
      open + " " + other,
      "x" + block + other,
      block + other + "x",
      block + '\0' + other,
      other + block + "--",
      block + other.substr(0, other.size() - 2),
  };
  for (const std::string& text : texts) {
    const auto whole = parse_pem(text, kLabel, 8);
    const size_t size = first_block_size(text, kLabel);
    const auto first = parse_pem(std::string_view(text).substr(0, size), kLabel, 1);
    const auto rest = parse_pem(std::string_view(text).substr(size), kLabel, 7);
    ASSERT_EQ(whole.ok(), first.ok() && rest.ok()) << text;
    if (!whole.ok()) continue;
    std::vector<Bytes> joined = *first;
    joined.insert(joined.end(), rest->begin(), rest->end());
    EXPECT_EQ(*whole, joined) << text;
  }
  EXPECT_EQ(first_block_size(block + other, kLabel), open.size());
  EXPECT_EQ(first_block_size("nothing", kLabel), 7u);
}

TEST(PemTest, writes_lines_of_64_characters) {
  EXPECT_EQ(to_pem(Bytes(49, 0), "X509 CRL"), "-----BEGIN X509 CRL-----\n" + std::string(64, 'A') +
                                                  "\nAA==\n-----END X509 CRL-----\n");
  EXPECT_EQ(to_pem(Bytes(48, 0), "X509 CRL"),
            "-----BEGIN X509 CRL-----\n" + std::string(64, 'A') + "\n-----END X509 CRL-----\n");
}

TEST(PemTest, reads_what_it_writes) {
  for (size_t size = 1; size < 200; ++size) {
    const Bytes bytes(size, static_cast<uint8_t>(size));
    const auto blocks = parse_pem(to_pem(bytes, kLabel), kLabel, 1);
    ASSERT_TRUE(blocks.ok()) << size;
    EXPECT_EQ(blocks->front(), bytes);
  }
}

}  // namespace
}  // namespace quoin::x509
