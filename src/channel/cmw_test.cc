#include "src/channel/cmw.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/base/hex.h"

namespace quoin::channel {
namespace {

// 83: an array of 3; 78 27: a text of 39 bytes; then the value and 04, which says Evidence.
const std::string kType =
    "8378276170706c69636174696f6e2f766e642e71756f696e2e7464782d65766964656e63652b63626f72";

TEST(Cmw, Vector) {
  const TdEvidence evidence = {.quote = {1, 2, 3}, .event_log = {'[', ']'}};
  const std::string expected = kType + "48" + "8243010203425b5d" + "04";
  EXPECT_EQ(to_hex(write_cmw(evidence)), expected);
  const auto read = parse_cmw(from_hex(expected).value());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->quote, evidence.quote);
  EXPECT_EQ(read->event_log, evidence.event_log);
}

TEST(Cmw, SizesOfEveryForm) {
  for (const size_t size : {0u, 1u, 23u, 24u, 255u, 256u, 65535u, 65536u, 70000u}) {
    const TdEvidence evidence = {.quote = Bytes(size, 7), .event_log = Bytes(size, 8)};
    const Bytes written = write_cmw(evidence);
    const auto read = parse_cmw(written);
    ASSERT_TRUE(read.ok()) << size << read.error().what;
    EXPECT_EQ(read->quote, evidence.quote);
    EXPECT_EQ(read->event_log, evidence.event_log);
    EXPECT_EQ(write_cmw(*read), written);
  }
}

struct Case {
  const char* what;
  std::string hex;
  ErrorCode code;
};

TEST(Cmw, RefusesEverythingElse) {
  std::string other_type = kType;
  other_type.replace(6, 2, "62");
  const std::vector<Case> cases = {
      {"nothing", "", ErrorCode::truncated},
      {"an array of two", "82" + kType.substr(2) + "4382404004", ErrorCode::malformed},
      {"a map", "a3" + kType.substr(2) + "4382404004", ErrorCode::malformed},
      {"another type", other_type + "4382404004", ErrorCode::unsupported},
      {"a type by number",
       "8319ea60"
       "4382404004",
       ErrorCode::malformed},
      {"a text as value", kType + "6382404004", ErrorCode::malformed},
      {"without an indicator", kType + "43824040", ErrorCode::truncated},
      {"the indicator of a result", kType + "4382404008", ErrorCode::malformed},
      {"the indicators of two", kType + "438240400c", ErrorCode::malformed},
      {"an indicator that could be shorter", kType + "438240401804", ErrorCode::malformed},
      {"a byte behind it", kType + "438240400400", ErrorCode::trailing_bytes},
      {"a value of one", kType + "42814004", ErrorCode::malformed},
      {"a value of two, and a byte", kType + "448240400004", ErrorCode::trailing_bytes},
      {"a value that ends early", kType + "4282404004", ErrorCode::malformed},
      {"a length that could be shorter",
       kType + "5803824040"
               "04",
       ErrorCode::malformed},
      {"of two bytes",
       kType + "590003824040"
               "04",
       ErrorCode::malformed},
      {"of four bytes",
       kType + "5a00000003824040"
               "04",
       ErrorCode::malformed},
      {"of eight bytes",
       kType + "5b0000000000000003824040"
               "04",
       ErrorCode::malformed},
      {"a length over everything",
       kType + "5bffffffffffffffff824040"
               "04",
       ErrorCode::truncated},
      {"a reserved length",
       kType + "5c824040"
               "04",
       ErrorCode::malformed},
      {"an open length",
       kType + "5f43824040ff"
               "04",
       ErrorCode::malformed},
  };
  for (const Case& c : cases) {
    const auto read = parse_cmw(from_hex(c.hex).value());
    ASSERT_FALSE(read.ok()) << c.what;
    EXPECT_EQ(read.error().code, c.code) << c.what << ": " << read.error().what;
  }
}

TEST(Cmw, NoTruncationIsRead) {
  const Bytes whole = write_cmw({.quote = Bytes(30, 1), .event_log = Bytes(300, 2)});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_cmw(ByteView(whole).first(size)).ok()) << size;
  }
}

}  // namespace
}  // namespace quoin::channel
