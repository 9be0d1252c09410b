#include "src/td/secure_boot.h"

#include <string_view>

#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/os/io.h"

namespace quoin::td {
namespace {

// EFI_GLOBAL_VARIABLE (UEFI 2.10, 3.3).
constexpr std::string_view kGlobalVariable = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
// EFI_VARIABLE_BOOTSERVICE_ACCESS and EFI_VARIABLE_RUNTIME_ACCESS (UEFI 2.10, 8.2.1).
constexpr uint32_t kFirmwaresOwn = 0x06;
// What efivarfs shows: attributes, and a value of one byte.
constexpr size_t kVariableBytes = 5;

Result<bool> read_switch(const std::string& efivars, std::string_view name) {
  const std::string path = (efivars + "/").append(name).append(kGlobalVariable);
  const Bytes file = TRY(read_file(path, kVariableBytes));
  Reader reader(file, path);
  const uint32_t attributes = TRY(reader.u32le());
  const uint8_t value = TRY(reader.u8());
  if (attributes != kFirmwaresOwn) {
    return Error{ErrorCode::malformed,
                 path + ": its attributes are not those of a variable that firmware sets"};
  }
  if (value > 1) return Error{ErrorCode::malformed, path + ": its value is neither 0 nor 1"};
  return value == 1;
}

}  // namespace

Probe local_secure_boot(const std::string& efivars) {
  const Result<bool> secure_boot = read_switch(efivars, "SecureBoot");
  if (!secure_boot.ok()) return {Answer::unknown, secure_boot.error().what};
  const Result<bool> setup_mode = read_switch(efivars, "SetupMode");
  if (!setup_mode.ok()) return {Answer::unknown, setup_mode.error().what};
  if (*secure_boot && *setup_mode) {
    return {Answer::unknown, "SecureBoot and SetupMode are both 1, which no firmware says"};
  }
  if (*secure_boot) return {Answer::yes, "SecureBoot is 1, SetupMode is 0"};
  if (*setup_mode) return {Answer::no, "SetupMode is 1: there is no platform key"};
  return {Answer::no, "SecureBoot is 0"};
}

}  // namespace quoin::td
