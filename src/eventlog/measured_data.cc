#include <string_view>

#include "quoin/eventlog.h"
#include "src/crypto/sha2.h"
#include "src/eventlog/event_types.h"

namespace quoin {
namespace {

// Which part of an event's data is hashed into its digest.
enum class Hashed : uint8_t { nothing, data, variable_value, runtime_event };

// TCG PC Client Platform Firmware Profile 1.06, 10.4.1; for EV_EFI_VARIABLE_BOOT what edk2 does.
// Of an image, a table or a firmware volume only the place is in the event. Of EV_IPL,
// EV_EVENT_TAG and EV_PLATFORM_CONFIG_FLAGS it depends on who wrote it, and mostly is not there.
Hashed hashed_of(uint32_t type) {
  switch (type) {
    case event_types::kSeparator:
    case event_types::kAction:
    case event_types::kCrtmVersion:
    case event_types::kVariableDriverConfig:
    case event_types::kGptEvent:
    case event_types::kEfiAction:
    case event_types::kVariableBoot2:
    case event_types::kVariableAuthority:
      return Hashed::data;
    case event_types::kVariableBoot:
      return Hashed::variable_value;
    case kRuntimeEventType:
      return Hashed::runtime_event;
    default:
      return Hashed::nothing;
  }
}

DataMeasured answer(bool matches) { return matches ? DataMeasured::yes : DataMeasured::no; }

}  // namespace

DataMeasured data_is_measured(const CcEvent& event) {
  if (!event.is_extended()) return DataMeasured::not_in_event;
  const bool whole = sha384(event.data) == event.digest;
  switch (hashed_of(event.type)) {
    case Hashed::data:
      return answer(whole);
    case Hashed::variable_value: {
      const Result<UefiVariable> variable = parse_uefi_variable(event.data);
      return answer(variable.ok() && sha384(variable->data) == event.digest);
    }
    case Hashed::runtime_event:
      return answer(runtime_event_digest({event.name, event.data}) == event.digest);
    case Hashed::nothing:
      break;
  }
  // Where the digest is of the data all the same, the data was measured.
  return whole ? DataMeasured::yes : DataMeasured::not_in_event;
}

}  // namespace quoin
