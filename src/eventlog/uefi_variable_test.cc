#include <gtest/gtest.h>

#include <string>

#include "quoin/eventlog.h"
#include "src/base/writer.h"
#include "src/eventlog/events_testing.h"

namespace quoin {
namespace {

using events_testing::kGlobal;
using events_testing::variable;

// A variable that says of itself that it has so much.
Bytes claiming(uint64_t name_units, uint64_t data_bytes, const Bytes& rest) {
  return Writer().bytes(kGlobal).u64le(name_units).u64le(data_bytes).bytes(rest).take();
}

TEST(UefiVariableTest, RefusesWhatIsNoVariable) {
  constexpr uint64_t kMost = UINT64_MAX;
  struct Refusal {
    std::string name;
    Bytes bytes;
    ErrorCode code;
  };
  const Refusal table[] = {
      {"empty", {}, ErrorCode::truncated},
      {"cut before the lengths", Bytes(31), ErrorCode::truncated},
      {"name over the end", claiming(2, 0, {'a', 0, 'b'}), ErrorCode::truncated},
      {"data over the end", claiming(1, 2, {'a', 0, 'b'}), ErrorCode::truncated},
      {"more behind", claiming(1, 1, {'a', 0, 'b', 'c'}), ErrorCode::trailing_bytes},
      {"2^64 - 1 units", claiming(kMost, 0, {'a', 0}), ErrorCode::truncated},
      // Twice that is 2 in 64 bits.
      {"2^63 + 1 units", claiming((uint64_t{1} << 63) + 1, 0, {'a', 0}), ErrorCode::truncated},
      {"2^64 - 1 bytes", claiming(1, kMost, {'a', 0}), ErrorCode::truncated},
      {"half a pair", claiming(1, 0, {0x00, 0xd8}), ErrorCode::malformed},
      {"the other half", claiming(1, 0, {0x00, 0xdc}), ErrorCode::malformed},
      {"two first halves", claiming(2, 0, {0x00, 0xd8, 0x00, 0xd8}), ErrorCode::malformed},
      {"a half before text", claiming(2, 0, {0x00, 0xd8, 'a', 0}), ErrorCode::malformed},
  };
  for (const Refusal& refusal : table) {
    const auto read = parse_uefi_variable(refusal.bytes);
    ASSERT_FALSE(read.ok()) << refusal.name;
    EXPECT_EQ(read.error().code, refusal.code) << refusal.name << ": " << read.error().what;
  }
}

TEST(UefiVariableTest, ReadsNameGuidAndData) {
  const Bytes bytes = variable(kGlobal, "SecureBoot", Bytes{1});
  const auto read = parse_uefi_variable(bytes);
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(read->name, "SecureBoot");
  EXPECT_EQ(guid_text(read->vendor_guid), "8be4df61-93ca-11d2-aa0d-00e098032b8c");
  EXPECT_TRUE(equal(read->data, Bytes{1}));
  const Bytes no_name = claiming(0, 0, {});
  EXPECT_EQ(parse_uefi_variable(no_name)->name, "");
}

TEST(UefiVariableTest, NamesAreUtf8) {
  // U+00E4, U+20AC, U+1F512.
  const Bytes bytes = claiming(4, 0, {0xe4, 0x00, 0xac, 0x20, 0x3d, 0xd8, 0x12, 0xdd});
  EXPECT_EQ(parse_uefi_variable(bytes)->name, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x92");
}

}  // namespace
}  // namespace quoin
