#include "src/eventlog/event_types.h"

#include <algorithm>
#include <array>

#include "quoin/eventlog.h"

namespace quoin {
namespace {

struct TypeName {
  uint32_t type = 0;
  std::string_view name;
};

constexpr std::array kNames = {
    TypeName{0x00000000, "EV_PREBOOT_CERT"},
    TypeName{0x00000001, "EV_POST_CODE"},
    TypeName{0x00000002, "EV_UNUSED"},
    TypeName{kNoActionEventType, "EV_NO_ACTION"},
    TypeName{event_types::kSeparator, "EV_SEPARATOR"},
    TypeName{event_types::kAction, "EV_ACTION"},
    TypeName{event_types::kEventTag, "EV_EVENT_TAG"},
    TypeName{0x00000007, "EV_S_CRTM_CONTENTS"},
    TypeName{event_types::kCrtmVersion, "EV_S_CRTM_VERSION"},
    TypeName{0x00000009, "EV_CPU_MICROCODE"},
    TypeName{0x0000000A, "EV_PLATFORM_CONFIG_FLAGS"},
    TypeName{0x0000000B, "EV_TABLE_OF_DEVICES"},
    TypeName{0x0000000C, "EV_COMPACT_HASH"},
    TypeName{0x0000000D, "EV_IPL"},
    TypeName{0x0000000E, "EV_IPL_PARTITION_DATA"},
    TypeName{0x0000000F, "EV_NONHOST_CODE"},
    TypeName{0x00000010, "EV_NONHOST_CONFIG"},
    TypeName{0x00000011, "EV_NONHOST_INFO"},
    TypeName{0x00000012, "EV_OMIT_BOOT_DEVICE_EVENTS"},
    TypeName{0x00000013, "EV_POST_CODE2"},
    // Not TCG's: what services measure into RTMR3.
    TypeName{kRuntimeEventType, "RUNTIME_EVENT"},
    TypeName{event_types::kVariableDriverConfig, "EV_EFI_VARIABLE_DRIVER_CONFIG"},
    TypeName{event_types::kVariableBoot, "EV_EFI_VARIABLE_BOOT"},
    TypeName{event_types::kBootServicesApplication, "EV_EFI_BOOT_SERVICES_APPLICATION"},
    TypeName{event_types::kBootServicesDriver, "EV_EFI_BOOT_SERVICES_DRIVER"},
    TypeName{event_types::kRuntimeServicesDriver, "EV_EFI_RUNTIME_SERVICES_DRIVER"},
    TypeName{event_types::kGptEvent, "EV_EFI_GPT_EVENT"},
    TypeName{event_types::kEfiAction, "EV_EFI_ACTION"},
    TypeName{0x80000008, "EV_EFI_PLATFORM_FIRMWARE_BLOB"},
    TypeName{0x80000009, "EV_EFI_HANDOFF_TABLES"},
    TypeName{event_types::kFirmwareBlob2, "EV_EFI_PLATFORM_FIRMWARE_BLOB2"},
    TypeName{event_types::kHandoffTables2, "EV_EFI_HANDOFF_TABLES2"},
    TypeName{event_types::kVariableBoot2, "EV_EFI_VARIABLE_BOOT2"},
    TypeName{0x8000000D, "EV_EFI_GPT_EVENT2"},
    TypeName{0x80000010, "EV_EFI_HCRTM_EVENT"},
    TypeName{event_types::kVariableAuthority, "EV_EFI_VARIABLE_AUTHORITY"},
    TypeName{0x800000E1, "EV_EFI_SPDM_FIRMWARE_BLOB"},
    TypeName{0x800000E2, "EV_EFI_SPDM_FIRMWARE_CONFIG"},
    TypeName{0x800000E3, "EV_EFI_SPDM_DEVICE_POLICY"},
    TypeName{0x800000E4, "EV_EFI_SPDM_DEVICE_AUTHORITY"},
};

}  // namespace

std::string_view event_type_name(uint32_t type) {
  const auto found = std::ranges::find(kNames, type, &TypeName::type);
  return found == kNames.end() ? std::string_view() : found->name;
}

}  // namespace quoin
