#include "quoin/verify.h"

#include <algorithm>
#include <utility>

#include "src/collateral/parts.h"
#include "src/verify/certificates.h"
#include "src/verify/check_list.h"
#include "src/verify/platform.h"
#include "src/verify/quoting_enclave.h"
#include "src/verify/revocation.h"
#include "src/verify/signed_collateral.h"
#include "src/verify/tcb_evaluation.h"
#include "src/x509/chain.h"
#include "src/x509/sgx_extension.h"

namespace quoin {
namespace {

// A quote carries the platform's certificates as certification data of type 5; the other types
// would have us fetch them.
std::optional<x509::Chain> check_certification_data(CheckList& checks, const Quote& quote) {
  const std::string wanted = "type 5: PCK certificate, CA and root in PEM";
  if (quote.certification_data_type != CertificationDataType::pck_chain) {
    checks.add(rules::kCertificationData, false,
               "type " + std::to_string(static_cast<uint16_t>(quote.certification_data_type)),
               wanted);
    return std::nullopt;
  }
  Result<x509::Chain> chain = x509::Chain::parse_pem(as_text(quote.certification_data));
  if (!chain.ok()) {
    checks.add(rules::kCertificationData, false, chain.error().what, wanted);
    return std::nullopt;
  }
  const size_t count = chain->certificates().size();
  if (!checks.add(rules::kCertificationData, count == 3,
                  "type 5, " + std::to_string(count) + " certificates", wanted)) {
    return std::nullopt;
  }
  return std::move(chain).value();
}

std::optional<x509::SgxExtension> check_sgx_extension(CheckList& checks,
                                                      const x509::Certificate& pck) {
  const Result<x509::SgxExtension> extension = x509::parse_sgx_extension(pck.sgx_extension);
  checks.add(rules::kPckSgxExtension, extension.ok(),
             extension.ok() ? "well-formed" : extension.error().what,
             "Intel's SGX extension in the PCK certificate");
  if (!extension.ok()) return std::nullopt;
  return *extension;
}

PlatformTcb platform_tcb(const Quote& quote, const x509::SgxExtension& platform) {
  PlatformTcb tcb;
  tcb.sgx_tcb_components = platform.tcb_components;
  tcb.pce_svn = platform.pce_svn;
  tcb.qe_isv_svn = quote.qe_report.isv_svn;
  if (const TdReport10* report = quote.td_report()) tcb.tee_tcb_svn = report->tee_tcb_svn;
  if (const TdReport15Extra* report = quote.td_report_15()) tcb.tee_tcb_svn2 = report->tee_tcb_svn2;
  return tcb;
}

void check_tcb_level(CheckList& checks, const TcbEvaluation& evaluation) {
  checks.add(
      rules::kTcbLevel,
      evaluation.status != TcbStatus::not_supported && evaluation.status != TcbStatus::unrecognized,
      std::string(to_string(evaluation.status)) + " (" + evaluation.reason + ")",
      "a TCB level that matches, with a status that we know");
}

}  // namespace

const Check* Verdict::reason() const {
  const auto check = std::ranges::find(checks, false, &Check::passed);
  return check == checks.end() ? nullptr : &*check;
}

Verdict verify_quote(const Quote& quote, const Collateral& collateral, UtcTime now,
                     std::span<const TrustRoot> trust_roots) {
  Verdict verdict;
  CheckList checks;
  const Collateral::Parts& parts = collateral.parts();

  const std::optional<x509::Chain> certificates = check_certification_data(checks, quote);
  if (!certificates) {
    verdict.checks = checks.take();
    return verdict;
  }
  const PckChain chain = find_pck_chain(certificates->certificates());
  const TrustRoot* trusted_root = check_pck_chain(checks, chain, now, trust_roots);
  verdict.simulated = trusted_root != nullptr && trusted_root->is_simulator();
  const std::optional<x509::SgxExtension> platform = check_sgx_extension(checks, chain.pck);

  check_revocation(checks, chain, parts, now);
  check_tcb_info_signed(checks, parts, now, trusted_root);
  check_qe_identity_signed(checks, parts, now, trusted_root);

  bool can_evaluate = false;
  if (platform) {
    verdict.platform = {platform->ppid, platform->fmspc, platform->pce_id,
                        platform->platform_instance_id};
    can_evaluate = check_tcb_info_applies(checks, quote, *platform, parts.tcb_info);
  }
  check_tdx_module(checks, quote, parts.tcb_info);
  check_qe_report(checks, quote, chain.pck);
  can_evaluate = check_qe_identity(checks, quote, parts.qe_identity) && can_evaluate;
  check_quote_signature(checks, quote);

  if (can_evaluate) {
    TcbEvaluation evaluation =
        evaluate_tcb(platform_tcb(quote, *platform), parts.tcb_info, parts.qe_identity);
    check_tcb_level(checks, evaluation);
    verdict.tcb_status = evaluation.status;
    verdict.tcb_date = evaluation.tcb_date;
    verdict.advisory_ids = std::move(evaluation.advisory_ids);
  }

  // Whatever could not be evaluated has left a check that did not pass.
  verdict.genuine = can_evaluate && checks.all_passed();
  verdict.valid_until = checks.valid_until();
  verdict.checks = checks.take();
  return verdict;
}

}  // namespace quoin
