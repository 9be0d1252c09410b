// Events as firmware measures them. For tests only.

#ifndef QUOIN_SRC_EVENTLOG_EVENTS_TESTING_H_
#define QUOIN_SRC_EVENTLOG_EVENTS_TESTING_H_

#include <string_view>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/eventlog.h"
#include "src/base/writer.h"
#include "src/crypto/sha2.h"

namespace quoin::events_testing {

inline Bytes bytes(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

// An event whose digest is of all of its data.
inline CcEvent event(uint32_t mr_index, uint32_t type, Bytes data) {
  CcEvent event;
  event.mr_index = mr_index;
  event.type = type;
  event.digest = sha384(data);
  event.data = std::move(data);
  return event;
}

inline constexpr ByteArray<16> kGlobal = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11,
                                          0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c};
inline constexpr ByteArray<16> kDatabase = {0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45,
                                            0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f};

// UEFI_VARIABLE_DATA of a variable with a name in ASCII.
inline Bytes variable(const ByteArray<16>& guid, std::string_view name, ByteView data) {
  Writer writer;
  writer.bytes(guid).u64le(name.size()).u64le(data.size());
  for (const char c : name) writer.u16le(static_cast<uint8_t>(c));
  return writer.bytes(data).take();
}

inline CcEvent separator(uint32_t mr_index) { return event(mr_index, 4, {0, 0, 0, 0}); }

// EV_EFI_VARIABLE_DRIVER_CONFIG in RTMR0.
inline CcEvent logged(const ByteArray<16>& guid, std::string_view name, ByteView data) {
  return event(1, 0x80000001, variable(guid, name, data));
}

}  // namespace quoin::events_testing

#endif  // QUOIN_SRC_EVENTLOG_EVENTS_TESTING_H_
