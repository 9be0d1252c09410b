// What reading and writing a CCEL have in common.

#ifndef QUOIN_SRC_EVENTLOG_CCEL_FORMAT_H_
#define QUOIN_SRC_EVENTLOG_CCEL_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quoin::ccel {

// With the NUL at its end.
inline constexpr std::string_view kSpecIdSignature{"Spec ID Event03\0", 16};
inline constexpr uint8_t kSpecMajor = 2;
inline constexpr uint16_t kSha384 = 0x000c;  // TPM_ALG_SHA384
inline constexpr size_t kSha1Bytes = 20;

// The ACPI table.
inline constexpr std::string_view kTableSignature = "CCEL";
inline constexpr size_t kTableBytes = 56;
inline constexpr uint8_t kTypeTdx = 2;
inline constexpr uint8_t kSubtype = 0;

}  // namespace quoin::ccel

#endif  // QUOIN_SRC_EVENTLOG_CCEL_FORMAT_H_
