// The bits of TD_ATTRIBUTES (Intel TDX Module ABI specification, "TD_ATTRIBUTES").

#ifndef QUOIN_SRC_POLICY_TD_ATTRIBUTES_H_
#define QUOIN_SRC_POLICY_TD_ATTRIBUTES_H_

#include <cstdint>

#include "quoin/bytes.h"

namespace quoin::td_attributes {

// TUD, "TD under debug": with any of these set, the host can look into the TD. Bit 0 is DEBUG.
inline constexpr uint64_t kTud = 0xff;
inline constexpr uint64_t kSeptVeDisable = uint64_t{1} << 28;
inline constexpr uint64_t kMigratable = uint64_t{1} << 29;
inline constexpr uint64_t kPks = uint64_t{1} << 30;
inline constexpr uint64_t kKeyLocker = uint64_t{1} << 31;
inline constexpr uint64_t kPerfmon = uint64_t{1} << 63;

inline constexpr uint64_t kReserved =
    ~(kTud | kSeptVeDisable | kMigratable | kPks | kKeyLocker | kPerfmon);

// The eight bytes as a number: they are little-endian.
constexpr uint64_t from_bytes(const ByteArray<8>& bytes) {
  uint64_t bits = 0;
  for (size_t i = bytes.size(); i > 0; --i) bits = bits << 8 | bytes[i - 1];
  return bits;
}

}  // namespace quoin::td_attributes

#endif  // QUOIN_SRC_POLICY_TD_ATTRIBUTES_H_
