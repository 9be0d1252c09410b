#include "src/verify/tcb_shortfalls.h"

#include <algorithm>
#include <string>

#include "src/base/hex.h"
#include "src/verify/tcb_evaluation.h"

namespace quoin {
namespace {

using Part = TcbShortfall::Part;

// Levels stand in descending order, so that the first is the newest.
template <typename Level>
const Level* find_up_to_date(const std::vector<Level>& levels) {
  const auto level = std::ranges::find(levels, TcbStatus::up_to_date, &Level::status);
  return level == levels.end() ? nullptr : &*level;
}

class Shortfalls {
 public:
  void compare(Part part, size_t number, uint16_t seen, uint16_t wanted, UtcTime since) {
    if (seen < wanted) found_.push_back({part, static_cast<uint8_t>(number), seen, wanted, since});
  }
  std::vector<TcbShortfall> take() { return std::move(found_); }

 private:
  std::vector<TcbShortfall> found_;
};

void compare_platform(Shortfalls& shortfalls, const PlatformTcb& platform,
                      const TcbInfo& tcb_info) {
  const TcbLevel* wanted = find_up_to_date(tcb_info.tcb_levels);
  if (wanted == nullptr) return;
  for (size_t i = 0; i < platform.sgx_tcb_components.size(); ++i) {
    shortfalls.compare(Part::sgx_component, i + 1, platform.sgx_tcb_components[i],
                       wanted->sgx_tcb_components[i], wanted->tcb_date);
  }
  shortfalls.compare(Part::pce, 0, platform.pce_svn, wanted->pce_svn, wanted->tcb_date);
  if (!platform.tee_tcb_svn) return;
  const ByteArray<16>& svns = *platform.tee_tcb_svn;
  for (size_t i = first_tdx_component(svns); i < svns.size(); ++i) {
    shortfalls.compare(Part::tdx_component, i + 1, svns[i], wanted->tdx_tcb_components[i],
                       wanted->tcb_date);
  }
}

void compare_tdx_module(Shortfalls& shortfalls, Part part,
                        const std::optional<ByteArray<16>>& tee_tcb_svn, const TcbInfo& tcb_info) {
  if (!tee_tcb_svn) return;
  const auto [isv_svn, major_version] = tdx_module_svn(*tee_tcb_svn);
  if (major_version == 0) return;
  const TdxModuleIdentity* identity = find_tdx_module_identity(tcb_info, major_version);
  if (identity == nullptr) return;
  const IsvSvnTcbLevel* wanted = find_up_to_date(identity->tcb_levels);
  if (wanted == nullptr) return;
  shortfalls.compare(part, major_version, isv_svn, wanted->isv_svn, wanted->tcb_date);
}

std::string tdx_module_name(uint8_t major_version) {
  return "TDX module TDX_" + to_hex({&major_version, 1});
}

std::string name_of(const TcbShortfall& shortfall) {
  switch (shortfall.part) {
    case Part::sgx_component:
      return "SGX TCB component " + std::to_string(shortfall.number);
    case Part::pce:
      return "PCE";
    case Part::tdx_component:
      return "TDX TCB component " + std::to_string(shortfall.number);
    case Part::tdx_module:
      return tdx_module_name(shortfall.number);
    case Part::current_tdx_module:
      return tdx_module_name(shortfall.number) + ", which runs now,";
    case Part::qe:
      break;
  }
  return "quoting enclave";
}

std::string_view svn_name(Part part) {
  switch (part) {
    case Part::pce:
      return "PCESVN";
    case Part::tdx_module:
    case Part::current_tdx_module:
    case Part::qe:
      return "ISVSVN";
    case Part::sgx_component:
    case Part::tdx_component:
      break;
  }
  return "SVN";
}

}  // namespace

std::vector<TcbShortfall> find_tcb_shortfalls(const PlatformTcb& platform, const TcbInfo& tcb_info,
                                              const QeIdentity& qe_identity) {
  Shortfalls shortfalls;
  compare_tdx_module(shortfalls, Part::tdx_module, platform.tee_tcb_svn, tcb_info);
  compare_tdx_module(shortfalls, Part::current_tdx_module, platform.tee_tcb_svn2, tcb_info);
  compare_platform(shortfalls, platform, tcb_info);
  if (const IsvSvnTcbLevel* wanted = find_up_to_date(qe_identity.tcb_levels)) {
    shortfalls.compare(Part::qe, 0, platform.qe_isv_svn, wanted->isv_svn, wanted->tcb_date);
  }
  return shortfalls.take();
}

std::string to_string(const TcbShortfall& shortfall) {
  return name_of(shortfall) + " has " + std::string(svn_name(shortfall.part)) + " " +
         std::to_string(shortfall.seen) + ", UpToDate needs " + std::to_string(shortfall.wanted) +
         " since " + to_string(shortfall.since).substr(0, 10);
}

std::string_view advice_for(const TcbShortfall& shortfall) {
  switch (shortfall.part) {
    case Part::sgx_component:
    case Part::tdx_component:
      return "update the host's BIOS and microcode, restart it, and have it get a new PCK "
             "certificate";
    case Part::pce:
      return "update the host's Provisioning Certification Enclave (PCE)";
    case Part::tdx_module:
      return "update the TDX module, then restart the TD";
    case Part::current_tdx_module:
      return "update the TDX module";
    case Part::qe:
      break;
  }
  return "update the host's quoting enclave";
}

}  // namespace quoin
