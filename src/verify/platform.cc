#include "src/verify/platform.h"

#include <string>

#include "src/base/hex.h"
#include "src/verify/rules.h"
#include "src/verify/tcb_evaluation.h"

namespace quoin {
namespace {

std::string describe(const TcbInfo& tcb_info) {
  return "TCB info for " + std::string(tcb_info.id == TcbInfoId::tdx ? "TDX" : "SGX") +
         ", version " + std::to_string(tcb_info.version);
}

bool check_tcb_info_tee(CheckList& checks, const Quote& quote, const TcbInfo& tcb_info) {
  const bool is_tdx = quote.header.tee_type == TeeType::tdx;
  const bool passed = is_tdx ? tcb_info.id == TcbInfoId::tdx && tcb_info.version >= 3
                             : tcb_info.id == TcbInfoId::sgx;
  return checks.add(rules::kTcbInfoTee, passed, [&] {
    return CheckText{describe(tcb_info), is_tdx ? "TDX, version 3 or later" : "SGX"};
  });
}

// The module that TCB info describes for this quote: by its major version where it has one, else
// the one and only; null when TCB info describes none.
const TdxModule* find_tdx_module(const TcbInfo& tcb_info, uint8_t major_version) {
  if (major_version == 0) return tcb_info.tdx_module ? &*tcb_info.tdx_module : nullptr;
  const TdxModuleIdentity* identity = find_tdx_module_identity(tcb_info, major_version);
  return identity == nullptr ? nullptr : &identity->module;
}

}  // namespace

bool check_tcb_info_applies(CheckList& checks, const Quote& quote,
                            const x509::SgxExtension& platform, const TcbInfo& tcb_info) {
  const bool tee = check_tcb_info_tee(checks, quote, tcb_info);
  const bool fmspc = checks.add(rules::kTcbInfoFmspc, tcb_info.fmspc == platform.fmspc, [&] {
    return CheckText{"TCB info for FMSPC " + to_hex(tcb_info.fmspc), to_hex(platform.fmspc)};
  });
  const bool pce_id = checks.add(rules::kTcbInfoPceId, tcb_info.pce_id == platform.pce_id, [&] {
    return CheckText{"TCB info for PCEID " + to_hex(tcb_info.pce_id), to_hex(platform.pce_id)};
  });
  return tee && fmspc && pce_id;
}

void check_tdx_module(CheckList& checks, const Quote& quote, const TcbInfo& tcb_info) {
  const TdReport10* report = quote.td_report();
  if (report == nullptr) return;
  const uint8_t major_version = report->tee_tcb_svn[1];
  const TdxModule* module = find_tdx_module(tcb_info, major_version);
  checks.add(rules::kTdxModuleIdentity, module != nullptr, [&] {
    return CheckText{"TDX module version " + std::to_string(major_version) +
                         (module == nullptr ? " is not in TCB info" : " is in TCB info"),
                     "an identity for the module that launched the TD"};
  });
  if (module == nullptr) return;
  checks.add(rules::kTdxModuleMrSigner, report->mr_signer_seam == module->mr_signer,
             [&] { return CheckText{to_hex(report->mr_signer_seam), to_hex(module->mr_signer)}; });
  // Intel reads attributesMask and does not apply it: SEAMATTRIBUTES must be zero, and so must
  // what TCB info expects.
  checks.add(rules::kTdxModuleAttributes,
             all_zero(report->seam_attributes) && report->seam_attributes == module->attributes,
             [&] {
               return CheckText{to_hex(report->seam_attributes),
                                to_hex(module->attributes) + ", which must be zero"};
             });
}

}  // namespace quoin
