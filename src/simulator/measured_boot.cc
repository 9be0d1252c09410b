#include "src/simulator/measured_boot.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/eventlog.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/crypto/sha2.h"
#include "src/eventlog/ccel_writer.h"

namespace quoin::simulator {
namespace {

// TCG PC Client Platform Firmware Profile 1.06, 10.4.1.
constexpr uint32_t kSeparator = 0x00000004;
constexpr uint32_t kIpl = 0x0000000d;
constexpr uint32_t kVariableDriverConfig = 0x80000001;
constexpr uint32_t kBootServicesApplication = 0x80000003;
constexpr uint32_t kAction = 0x80000007;

// mr_index of the registers (UEFI 2.10, 38.4.1).
constexpr uint32_t kRtmr0 = 1;
constexpr uint32_t kRtmr1 = 2;
constexpr uint32_t kRtmr2 = 3;

// EFI_GLOBAL_VARIABLE and EFI_IMAGE_SECURITY_DATABASE_GUID (UEFI 2.10, 3.3 and 32.4.1): as texts,
// and as they are stored.
struct Guid {
  std::string_view text;
  ByteArray<16> bytes{};
};
constexpr Guid kGlobal = {"8be4df61-93ca-11d2-aa0d-00e098032b8c",
                          {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0,
                           0x98, 0x03, 0x2b, 0x8c}};
constexpr Guid kImageSecurity = {"d719b2cb-3d3a-4596-a3bc-dad00e67656f",
                                 {0xcb, 0xb2, 0x19, 0xd7, 0x3a, 0x3d, 0x96, 0x45, 0xa3, 0xbc, 0xda,
                                  0xd0, 0x0e, 0x67, 0x65, 0x6f}};

// What firmware measures of secure boot, in its order (the same profile, 3.3.4.8).
struct Variable {
  std::string_view name;
  const Guid* guid = nullptr;
};
constexpr std::array<Variable, 5> kVariables = {{{"SecureBoot", &kGlobal},
                                                 {"PK", &kGlobal},
                                                 {"KEK", &kGlobal},
                                                 {"db", &kImageSecurity},
                                                 {"dbx", &kImageSecurity}}};

CcEvent event(uint32_t mr_index, uint32_t type, ByteView measured, ByteView data) {
  CcEvent event;
  event.mr_index = mr_index;
  event.type = type;
  event.digest = sha384(measured);
  event.data.assign(data.begin(), data.end());
  return event;
}

CcEvent separator(uint32_t mr_index) {
  constexpr ByteArray<4> kZero = {};
  return event(mr_index, kSeparator, kZero, kZero);
}

// UEFI_VARIABLE_DATA (10.4.2). A variable that is not there has no data.
CcEvent variable_event(const SoftwareTd& td, const Variable& variable) {
  const std::string name = std::string(variable.name).append("-").append(variable.guid->text);
  const auto found = std::ranges::find(td.efi_variables, name, &EfiVariable::name);
  const Bytes value = found == td.efi_variables.end() ? Bytes() : found->value;
  Writer out;
  out.bytes(variable.guid->bytes).u64le(variable.name.size()).u64le(value.size());
  for (const char c : variable.name) out.u16le(static_cast<uint8_t>(c));
  out.bytes(value);
  return event(kRtmr0, kVariableDriverConfig, out.view(), out.view());
}

}  // namespace

Result<void> replay_ccel(SoftwareTd& td) {
  const CcEventLog log = TRY(CcEventLog::parse(td.ccel));
  const Rtmrs& rtmrs = log.replayed_rtmrs();
  td.boot_rtmr = {rtmrs[0], rtmrs[1], rtmrs[2]};
  td.state.rtmr0 = rtmrs[0];
  td.state.rtmr1 = rtmrs[1];
  td.state.rtmr2 = rtmrs[2];
  return {};
}

Result<void> boot_measured(SoftwareTd& td) {
  std::vector<CcEvent> events;
  for (const Variable& variable : kVariables) events.push_back(variable_event(td, variable));
  events.push_back(separator(kRtmr0));

  const ByteView action = as_bytes("Calling EFI Application from Boot Option");
  events.push_back(event(kRtmr1, kAction, action, action));
  events.push_back(separator(kRtmr1));
  events.push_back(event(kRtmr1, kBootServicesApplication, as_bytes("quoin simulator: boot loader"),
                         as_bytes("boot loader")));

  const ByteView command_line = as_bytes("quoin simulator: kernel command line");
  events.push_back(event(kRtmr2, kIpl, command_line, command_line));
  td.ccel = write_ccel(events);
  return replay_ccel(td);
}

}  // namespace quoin::simulator
