#include <cstdint>
#include <limits>
#include <numeric>
#include <string>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/eventlog/ccel_format.h"

namespace quoin {
namespace {

// ACPI 6.5, 5.2.6: all bytes of a table add up to zero.
bool adds_up(ByteView table) {
  return (std::accumulate(table.begin(), table.end(), uint32_t{0}) & 0xff) == 0;
}

}  // namespace

Result<CcelTable> parse_ccel_table(ByteView table) {
  Reader reader(table, "CCEL table");
  const ByteView signature = TRY(reader.bytes(ccel::kTableSignature.size()));
  if (!equal(signature, as_bytes(ccel::kTableSignature))) {
    return malformed("CCEL table: its signature is not CCEL");
  }
  const uint32_t length = TRY(reader.u32le());
  if (length != ccel::kTableBytes) {
    return malformed("CCEL table: its length is " + std::to_string(length) + ", not 56");
  }
  // Revision, checksum, and who made it.
  TRY(reader.bytes(28));
  const uint8_t type = TRY(reader.u8());
  const uint8_t subtype = TRY(reader.u8());
  TRY(reader.u16le());  // reserved; firmware leaves blanks there
  CcelTable read;
  read.log_area_bytes = TRY(reader.u64le());
  read.log_area_address = TRY(reader.u64le());
  TRY(reader.finish());
  if (!adds_up(table)) return malformed("CCEL table: its checksum is wrong");
  if (type != ccel::kTypeTdx || subtype != ccel::kSubtype) {
    return unsupported("CCEL table: of type " + std::to_string(type) + ", subtype " +
                       std::to_string(subtype) + "; TDX has 2 and 0");
  }
  if (read.log_area_bytes == 0 || read.log_area_address == 0 ||
      read.log_area_bytes > std::numeric_limits<uint64_t>::max() - read.log_area_address) {
    return malformed("CCEL table: there cannot be a log area as it says");
  }
  return read;
}

Result<void> CcelTable::check_area(ByteView log_area) const {
  if (log_area.size() == log_area_bytes) return {};
  return malformed("event log: it has " + std::to_string(log_area.size()) +
                   " bytes, and its CCEL table says " + std::to_string(log_area_bytes));
}

}  // namespace quoin
