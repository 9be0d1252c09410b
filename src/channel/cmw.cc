#include "src/channel/cmw.h"

#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/text.h"
#include "src/base/try.h"
#include "src/base/writer.h"

namespace quoin::channel {
namespace {

// RFC 8949, section 3.1.
enum class Major : uint8_t { unsigned_integer = 0, byte_string = 2, text_string = 3, array = 4 };

// RFC 9999, section 3.1: bit 2 of the indicator says Evidence.
constexpr uint64_t kEvidence = uint64_t{1} << 2;

// Of an argument that does not fit into the first byte, its size is 1 << (information - 24).
constexpr uint8_t kFirstLong = 24;
constexpr uint8_t kLastLong = 27;

// The smallest argument that needs the form `information`.
uint64_t least_of(uint8_t information) {
  if (information == kFirstLong) return kFirstLong;
  const int smaller_bits = 8 << (information - 1 - kFirstLong);
  return uint64_t{1} << smaller_bits;
}

void write_head(Writer& out, Major major, uint64_t argument) {
  const auto first = static_cast<uint8_t>(std::to_underlying(major) << 5);
  if (argument < kFirstLong) {
    out.u8(static_cast<uint8_t>(first | argument));
    return;
  }
  uint8_t information = kFirstLong;
  while (information < kLastLong && argument >= least_of(information + 1)) ++information;
  out.u8(first | information);
  for (int shift = (8 << (information - kFirstLong)) - 8; shift >= 0; shift -= 8) {
    out.u8(static_cast<uint8_t>(argument >> shift));
  }
}

void write_string(Writer& out, Major major, ByteView bytes) {
  write_head(out, major, bytes.size());
  out.bytes(bytes);
}

// The argument of an item of that type.
Result<uint64_t> read_head(Reader& in, Major wanted) {
  const uint8_t first = TRY(in.u8());
  if (first >> 5 != std::to_underlying(wanted)) return malformed("CMW: an item of another type");
  const uint8_t information = first & 0x1f;
  if (information < kFirstLong) return uint64_t{information};
  if (information > kLastLong) return malformed("CMW: an item without a length");
  const ByteView bytes = TRY(in.bytes(size_t{1} << (information - kFirstLong)));
  uint64_t argument = 0;
  for (const uint8_t byte : bytes) argument = argument << 8 | byte;
  if (argument < least_of(information)) return malformed("CMW: a length that could be shorter");
  return argument;
}

Result<void> expect_head(Reader& in, Major major, uint64_t wanted) {
  const uint64_t argument = TRY(read_head(in, major));
  if (argument != wanted) return malformed("CMW: not the array or the number that was wanted");
  return {};
}

Result<ByteView> read_string(Reader& in, Major major) {
  const uint64_t size = TRY(read_head(in, major));
  return in.bytes(size);
}

}  // namespace

Bytes write_cmw(const TdEvidence& evidence) {
  Writer value;
  write_head(value, Major::array, 2);
  write_string(value, Major::byte_string, evidence.quote);
  write_string(value, Major::byte_string, evidence.event_log);

  Writer out;
  write_head(out, Major::array, 3);
  write_string(out, Major::text_string, as_bytes(kEvidenceMediaType));
  write_string(out, Major::byte_string, value.view());
  write_head(out, Major::unsigned_integer, kEvidence);
  return out.take();
}

Result<TdEvidence> parse_cmw(ByteView bytes) {
  Reader record(bytes, "CMW");
  TRY(expect_head(record, Major::array, 3));
  const ByteView type = TRY(read_string(record, Major::text_string));
  if (!equal(type, as_bytes(kEvidenceMediaType))) {
    return unsupported("CMW: not of the type " + std::string(kEvidenceMediaType));
  }
  const ByteView value_bytes = TRY(read_string(record, Major::byte_string));
  TRY(expect_head(record, Major::unsigned_integer, kEvidence));
  TRY(record.finish());

  Reader value(value_bytes, "CMW value");
  TRY(expect_head(value, Major::array, 2));
  const ByteView quote = TRY(read_string(value, Major::byte_string));
  const ByteView event_log = TRY(read_string(value, Major::byte_string));
  TRY(value.finish());
  return TdEvidence{.quote = Bytes(quote.begin(), quote.end()),
                    .event_log = Bytes(event_log.begin(), event_log.end())};
}

}  // namespace quoin::channel
