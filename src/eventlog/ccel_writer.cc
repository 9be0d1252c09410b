#include "src/eventlog/ccel_writer.h"

#include <numeric>

#include "src/base/writer.h"
#include "src/eventlog/ccel_format.h"

namespace quoin {
namespace {

Bytes spec_id() {
  return Writer()
      .bytes(as_bytes(ccel::kSpecIdSignature))
      .u32le(0)  // platform class: client
      .u8(0)
      .u8(ccel::kSpecMajor)
      .u8(0)
      .u8(2)  // UINTN has two times 32 bits
      .u32le(1)
      .u16le(ccel::kSha384)
      .u16le(sizeof(CcEvent::digest))
      .u8(0)
      .take();
}

}  // namespace

Bytes write_ccel(std::span<const CcEvent> events) {
  const Bytes header = spec_id();
  Writer log;
  log.u32le(1).u32le(kNoActionEventType).bytes(ByteArray<ccel::kSha1Bytes>{});
  log.u32le(static_cast<uint32_t>(header.size())).bytes(header);
  for (const CcEvent& event : events) {
    log.u32le(event.mr_index).u32le(event.type);
    log.u32le(1).u16le(ccel::kSha384).bytes(event.digest);
    log.u32le(static_cast<uint32_t>(event.data.size())).bytes(event.data);
  }
  return log.take();
}

Bytes write_ccel_table(const CcelTable& table) {
  Bytes bytes = Writer()
                    .bytes(as_bytes(ccel::kTableSignature))
                    .u32le(ccel::kTableBytes)
                    .u8(1)  // revision
                    .u8(0)  // checksum, below
                    .bytes(as_bytes("QUOIN "))
                    .bytes(as_bytes("QUOIN   "))
                    .u32le(1)
                    .bytes(as_bytes("QUOI"))
                    .u32le(1)
                    .u8(ccel::kTypeTdx)
                    .u8(ccel::kSubtype)
                    .u16le(0)
                    .u64le(table.log_area_bytes)
                    .u64le(table.log_area_address)
                    .take();
  constexpr size_t kChecksum = 9;
  const uint32_t sum = std::accumulate(bytes.begin(), bytes.end(), uint32_t{0});
  bytes[kChecksum] = static_cast<uint8_t>(0U - sum);
  return bytes;
}

}  // namespace quoin
