#include <optional>
#include <string>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/eventlog/utf16.h"

namespace quoin {
namespace {

constexpr size_t kCodeUnitBytes = 2;
// Where they stand in a GUID's text.
constexpr size_t kHyphens[] = {8, 13, 18, 23};

}  // namespace

// UEFI_VARIABLE_DATA: GUID, the name's length in UTF-16 code units, the data's in bytes, the name
// without a NUL, the data.
Result<UefiVariable> parse_uefi_variable(ByteView event_data) {
  Reader reader(event_data, "UEFI variable");
  UefiVariable variable;
  TRY(reader.fill(variable.vendor_guid));
  const uint64_t name_units = TRY(reader.u64le());
  const uint64_t data_bytes = TRY(reader.u64le());
  // So that twice the number is a number.
  if (name_units > reader.remaining()) {
    return Error{ErrorCode::truncated, "UEFI variable: its name is longer than the event"};
  }
  const ByteView name = TRY(reader.bytes(name_units * kCodeUnitBytes));
  variable.data = TRY(reader.bytes(data_bytes));
  TRY(reader.finish());
  std::optional<std::string> text = utf8_from_utf16le(name);
  if (!text) return malformed("UEFI variable: its name is not UTF-16");
  variable.name = std::move(*text);
  return variable;
}

std::string guid_text(const ByteArray<16>& guid) {
  const ByteArray<16> in_order = {guid[3],  guid[2],  guid[1],  guid[0], guid[5],  guid[4],
                                  guid[7],  guid[6],  guid[8],  guid[9], guid[10], guid[11],
                                  guid[12], guid[13], guid[14], guid[15]};
  std::string text = to_hex(in_order);
  for (const size_t at : kHyphens) text.insert(at, 1, '-');
  return text;
}

}  // namespace quoin
