// Event types that decide something here (TCG PC Client Platform Firmware Profile 1.06, 10.4.1).

#ifndef QUOIN_SRC_EVENTLOG_EVENT_TYPES_H_
#define QUOIN_SRC_EVENTLOG_EVENT_TYPES_H_

#include <cstdint>

namespace quoin::event_types {

inline constexpr uint32_t kSeparator = 0x00000004;
inline constexpr uint32_t kAction = 0x00000005;
inline constexpr uint32_t kEventTag = 0x00000006;
inline constexpr uint32_t kCrtmVersion = 0x00000008;
inline constexpr uint32_t kVariableDriverConfig = 0x80000001;
inline constexpr uint32_t kVariableBoot = 0x80000002;
inline constexpr uint32_t kBootServicesApplication = 0x80000003;
inline constexpr uint32_t kBootServicesDriver = 0x80000004;
inline constexpr uint32_t kRuntimeServicesDriver = 0x80000005;
inline constexpr uint32_t kGptEvent = 0x80000006;
inline constexpr uint32_t kEfiAction = 0x80000007;
inline constexpr uint32_t kFirmwareBlob2 = 0x8000000A;
inline constexpr uint32_t kHandoffTables2 = 0x8000000B;
inline constexpr uint32_t kVariableBoot2 = 0x8000000C;
inline constexpr uint32_t kVariableAuthority = 0x800000E0;

}  // namespace quoin::event_types

#endif  // QUOIN_SRC_EVENTLOG_EVENT_TYPES_H_
