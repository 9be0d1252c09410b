#include "src/simulator/software_td.h"

#include <algorithm>
#include <utility>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"

namespace quoin::simulator {
namespace {

// VALID of a module of 1.0: the fields up to ATTRIBUTES (see quote_writer.cc).
constexpr ByteArray<8> kValidTdx10 = {0xff, 0x01};

constexpr std::string_view kSvn2 = "tee_tcb_svn2";
constexpr std::string_view kTdxVersion = "tdx_version";

constexpr std::array<std::string_view, 13> kSettingNames = {
    "mrtd",  "mrconfigid", "mrowner", "mrownerconfig", "attributes", "xfam",     "rtmr0",
    "rtmr1", "rtmr2",      "rtmr3",   "mrservicetd",   kSvn2,        kTdxVersion};

// "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c": a name, and the GUID of who defined it.
constexpr size_t kGuidLength = 36;
constexpr size_t kMaxEfiNameLength = 128;

// The bytes of a setting that is written in hex; empty for another. `State` may be const.
template <typename Byte, typename State>
std::span<Byte> bytes_of(State& state, std::string_view name) {
  if (name == "mrtd") return state.mr_td;
  if (name == "mrconfigid") return state.mr_config_id;
  if (name == "mrowner") return state.mr_owner;
  if (name == "mrownerconfig") return state.mr_owner_config;
  if (name == "attributes") return state.attributes;
  if (name == "xfam") return state.xfam;
  if (name == "rtmr0") return state.rtmr0;
  if (name == "rtmr1") return state.rtmr1;
  if (name == "rtmr2") return state.rtmr2;
  if (name == "rtmr3") return state.rtmr3;
  if (name == "mrservicetd") return state.servtd_hash;
  return {};
}

Error not_understood(std::string_view name, std::string_view text, std::string hint) {
  return {ErrorCode::invalid_argument,
          std::string(name) + " " + std::string(text) + ": not understood", std::move(hint)};
}

std::string wanted_bytes(size_t count) {
  return "wanted " + std::to_string(count) + " bytes: " + std::to_string(2 * count) + " hex digits";
}

Result<void> set_svn2(SoftwareTd& td, std::string_view text) {
  if (text.empty()) {
    td.tee_tcb_svn2.reset();
    return {};
  }
  ByteArray<16> svn2{};
  if (!from_hex(text, svn2).ok()) return not_understood(kSvn2, text, wanted_bytes(svn2.size()));
  td.tee_tcb_svn2 = svn2;
  return {};
}

Result<void> set_tdx_version(SoftwareTd& td, std::string_view text) {
  if (text != "1.0" && text != "1.5") return not_understood(kTdxVersion, text, "wanted 1.0 or 1.5");
  td.tdx_15 = text == "1.5";
  return {};
}

bool is_guid(std::string_view text) {
  if (text.size() != kGuidLength) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !digit) return false;
  }
  return true;
}

bool is_efi_name(std::string_view name) {
  if (name.size() < kGuidLength + 2 || name.size() > kMaxEfiNameLength) return false;
  const size_t dash = name.size() - kGuidLength - 1;
  if (name[dash] != '-' || !is_guid(name.substr(dash + 1))) return false;
  return std::ranges::all_of(name.substr(0, dash), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
}

}  // namespace

SoftwareTd default_software_td(std::string boot_id) {
  SoftwareTd td;
  td.boot_id = std::move(boot_id);
  td.state = default_td_state();
  td.boot_rtmr = {td.state.rtmr0, td.state.rtmr1, td.state.rtmr2};
  return td;
}

std::string fresh_boot_id() {
  ByteArray<16> random{};
  fill_random(random);
  random[6] = static_cast<uint8_t>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<uint8_t>((random[8] & 0x3f) | 0x80);
  std::string uuid = to_hex(random);
  for (const size_t dash : {8u, 13u, 18u, 23u}) uuid.insert(dash, "-");
  return uuid;
}

void reboot(SoftwareTd& td, std::string boot_id) {
  td.boot_id = std::move(boot_id);
  td.state.rtmr0 = td.boot_rtmr[0];
  td.state.rtmr1 = td.boot_rtmr[1];
  td.state.rtmr2 = td.boot_rtmr[2];
  td.state.rtmr3 = {};
}

TdReportStruct::TeeTcbInfo tee_tcb_info_of(const SoftwareTd& td,
                                           const TdReportStruct::TeeTcbInfo& platform) {
  TdReportStruct::TeeTcbInfo info = platform;
  if (!td.tdx_15) {
    info.valid = kValidTdx10;
    info.tee_tcb_svn2 = {};
  } else if (td.tee_tcb_svn2) {
    info.tee_tcb_svn2 = *td.tee_tcb_svn2;
  }
  return info;
}

std::span<const std::string_view> td_setting_names() { return kSettingNames; }

Result<void> set_td_setting(SoftwareTd& td, std::string_view name, std::string_view text) {
  if (name == kSvn2) return set_svn2(td, text);
  if (name == kTdxVersion) return set_tdx_version(td, text);
  const std::span<uint8_t> bytes = bytes_of<uint8_t>(td.state, name);
  if (bytes.empty()) {
    return Error{ErrorCode::invalid_argument, "a TD has no setting " + std::string(name)};
  }
  if (!from_hex(text, bytes).ok()) return not_understood(name, text, wanted_bytes(bytes.size()));
  if (name == "rtmr0") td.boot_rtmr[0] = td.state.rtmr0;
  if (name == "rtmr1") td.boot_rtmr[1] = td.state.rtmr1;
  if (name == "rtmr2") td.boot_rtmr[2] = td.state.rtmr2;
  return {};
}

std::string td_setting(const SoftwareTd& td, std::string_view name) {
  if (name == kSvn2) return td.tee_tcb_svn2 ? to_hex(*td.tee_tcb_svn2) : "";
  if (name == kTdxVersion) return td.tdx_15 ? "1.5" : "1.0";
  return to_hex(bytes_of<const uint8_t>(td.state, name));
}

Result<void> set_efi_variable(SoftwareTd& td, EfiVariable variable) {
  if (!is_efi_name(variable.name)) {
    return not_understood("EFI variable", variable.name,
                          "wanted NAME-GUID, as SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c");
  }
  if (variable.value.size() > kMaxEfiValueBytes) {
    return Error{ErrorCode::invalid_argument, "EFI variable " + variable.name + ": over " +
                                                  std::to_string(kMaxEfiValueBytes) + " bytes"};
  }
  const auto old = std::ranges::find(td.efi_variables, variable.name, &EfiVariable::name);
  if (old != td.efi_variables.end()) {
    *old = std::move(variable);
    return {};
  }
  if (td.efi_variables.size() >= kMaxEfiVariables) {
    return Error{ErrorCode::invalid_argument,
                 "a TD has " + std::to_string(kMaxEfiVariables) + " EFI variables at most"};
  }
  td.efi_variables.push_back(std::move(variable));
  return {};
}

}  // namespace quoin::simulator
