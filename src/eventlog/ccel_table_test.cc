#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "quoin/eventlog.h"
#include "src/eventlog/ccel_writer.h"

namespace quoin {
namespace {

constexpr CcelTable kTable = {.log_area_bytes = 65536, .log_area_address = 0x7f000000};

// With one byte changed, and the checksum put right again.
Bytes with_byte(size_t at, uint8_t value) {
  Bytes bytes = write_ccel_table(kTable);
  bytes[9] = static_cast<uint8_t>(bytes[9] + bytes[at] - value);
  bytes[at] = value;
  return bytes;
}

TEST(CcelTableTest, RefusesWhatIsNoTable) {
  Bytes longer = write_ccel_table(kTable);
  longer.push_back(0);
  Bytes unsummed = write_ccel_table(kTable);
  unsummed[20] ^= 1;
  const Bytes good = write_ccel_table(kTable);
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  struct Refusal {
    std::string name;
    Bytes table;
    std::string_view says;
    ErrorCode code = ErrorCode::malformed;
  };
  const Refusal table[] = {
      {"empty", {}, "CCEL table", ErrorCode::truncated},
      {"cut", Bytes(good.begin(), good.end() - 1), "CCEL table", ErrorCode::truncated},
      {"longer", longer, "left over", ErrorCode::trailing_bytes},
      {"another table", with_byte(0, 'T'), "its signature"},
      {"length 55", with_byte(4, 55), "its length is 55"},
      {"length 57", with_byte(4, 57), "its length is 57"},
      {"length 56 + 2^24", with_byte(7, 1), "its length"},
      {"checksum", unsummed, "its checksum"},
      {"SEV", with_byte(36, 1), "of type 1", ErrorCode::unsupported},
      {"subtype", with_byte(37, 1), "subtype 1", ErrorCode::unsupported},
      {"no area", write_ccel_table({.log_area_bytes = 0, .log_area_address = 1}), "log area"},
      {"area at 0", write_ccel_table({.log_area_bytes = 1, .log_area_address = 0}), "log area"},
      {"area over the end", write_ccel_table({.log_area_bytes = 2, .log_area_address = kMost}),
       "log area"},
  };
  for (const Refusal& refusal : table) {
    SCOPED_TRACE(refusal.name);
    const auto read = parse_ccel_table(refusal.table);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, refusal.code) << read.error().what;
    EXPECT_NE(read.error().what.find(refusal.says), std::string::npos) << read.error().what;
  }
}

TEST(CcelTableTest, SaysWhereTheLogIs) {
  // Firmware leaves blanks in what is reserved.
  for (const Bytes& bytes : {write_ccel_table(kTable), with_byte(38, ' ')}) {
    const auto table = parse_ccel_table(bytes);
    ASSERT_TRUE(table.ok()) << table.error().what;
    EXPECT_EQ(table->log_area_bytes, kTable.log_area_bytes);
    EXPECT_EQ(table->log_area_address, kTable.log_area_address);
  }
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_TRUE(
      parse_ccel_table(write_ccel_table({.log_area_bytes = 1, .log_area_address = kMost - 1}))
          .ok());
}

TEST(CcelTableTest, TheAreaMustBeAsLargeAsItSays) {
  EXPECT_TRUE(kTable.check_area(Bytes(65536)).ok());
  for (const size_t size : {size_t{0}, size_t{65535}, size_t{65537}}) {
    EXPECT_EQ(kTable.check_area(Bytes(size)).error().code, ErrorCode::malformed) << size;
  }
}

}  // namespace
}  // namespace quoin
