// What is kept of a TD in software between two commands, and its file.

#ifndef QUOIN_SRC_SIMULATOR_SOFTWARE_TD_H_
#define QUOIN_SRC_SIMULATOR_SOFTWARE_TD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/simulator/td_report.h"

namespace quoin::simulator {

// A variable of UEFI, as efivarfs shows it.
struct EfiVariable {
  std::string name;  // "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
  uint32_t attributes = 0;
  Bytes value;
};

inline constexpr size_t kMaxCcelBytes = size_t{1} << 20;
inline constexpr size_t kMaxEfiVariables = 64;
inline constexpr size_t kMaxEfiValueBytes = size_t{32} << 10;

// Plain values. The state's RTMRs are the registers as they are now.
struct SoftwareTd {
  std::string boot_id;  // a UUID, another one after each boot
  TdState state;
  // RTMR0 to RTMR2 as firmware, boot loader and kernel leave them: what a reboot goes back to.
  std::array<ByteArray<48>, 3> boot_rtmr{};
  // The module that runs: VALID of its reports, and TEE_TCB_SVN2, which is the platform's
  // TEE_TCB_SVN unless it was updated under the running TD. A module of 1.0 has none.
  bool tdx_15 = true;
  std::optional<ByteArray<16>> tee_tcb_svn2;
  // The event log of the boot, as the ACPI table CCEL leads to it; empty where there is none.
  Bytes ccel;
  std::vector<EfiVariable> efi_variables;
};

// A TD that has just booted, in the state default_td_state(), without event log and variables.
SoftwareTd default_software_td(std::string boot_id);

// A random UUID (RFC 9562, version 4).
std::string fresh_boot_id();

// Boots it again: RTMR0 to RTMR2 are what the boot leaves, RTMR3 is zero.
void reboot(SoftwareTd& td, std::string boot_id);

// TEE_TCB_INFO of its reports, on a platform that says `platform`.
TdReportStruct::TeeTcbInfo tee_tcb_info_of(const SoftwareTd& td,
                                           const TdReportStruct::TeeTcbInfo& platform);

// The settings that have a name and a text, in the order in which they are shown: "mrtd", "rtmr0"
// and so on in hex, "tdx_version" as "1.0" or "1.5".
std::span<const std::string_view> td_setting_names();

// Sets one of them. "rtmr0" to "rtmr2" set what a boot leaves as well; "tee_tcb_svn2" may be the
// empty text: the platform's. Fails with invalid_argument, with a hint.
Result<void> set_td_setting(SoftwareTd& td, std::string_view name, std::string_view text);
// Its text; empty for "tee_tcb_svn2" where it is the platform's. The name is one of
// td_setting_names().
std::string td_setting(const SoftwareTd& td, std::string_view name);

// Makes the variable, or replaces the one of that name. Fails with invalid_argument: a name that
// efivarfs would not have, a value that is too large, too many variables.
Result<void> set_efi_variable(SoftwareTd& td, EfiVariable variable);

// The file: a JSON object, hex for bytes. read_software_td() reads no other; it fails with
// malformed or too_large.
Bytes write_software_td(const SoftwareTd& td);
Result<SoftwareTd> read_software_td(ByteView json);

// The most that a file can have.
inline constexpr size_t kMaxSoftwareTdBytes = size_t{8} << 20;

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_SOFTWARE_TD_H_
