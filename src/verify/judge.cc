#include "src/verify/judge.h"

#include <string>
#include <utility>

#include "src/verify/certificates.h"
#include "src/verify/platform.h"
#include "src/verify/quoting_enclave.h"
#include "src/verify/revocation.h"
#include "src/verify/rules.h"
#include "src/verify/signed_collateral.h"
#include "src/verify/tcb_evaluation.h"
#include "src/verify/tcb_shortfalls.h"

namespace quoin {
namespace {

void check_certification_data(CheckList& checks, bool passed, std::string_view seen) {
  checks.add(rules::kCertificationData, passed, [&] {
    return CheckText{std::string(seen), "type 5: PCK certificate, CA and root in PEM"};
  });
}

void check_sgx_extension(CheckList& checks, const Result<x509::SgxExtension>& extension) {
  checks.add(rules::kPckSgxExtension, extension.ok(), [&] {
    return CheckText{extension.ok() ? "well-formed" : extension.error().what,
                     "Intel's SGX extension in the PCK certificate"};
  });
}

PlatformIdentity platform_identity(const x509::SgxExtension& extension) {
  return {.ppid = extension.ppid,
          .fmspc = extension.fmspc,
          .pce_id = extension.pce_id,
          .platform_instance_id = extension.platform_instance_id};
}

PlatformTcb platform_tcb(const Quote& quote, const x509::SgxExtension& extension) {
  PlatformTcb tcb;
  tcb.sgx_tcb_components = extension.tcb_components;
  tcb.pce_svn = extension.pce_svn;
  tcb.qe_isv_svn = quote.qe_report.isv_svn;
  if (const TdReport10* report = quote.td_report()) tcb.tee_tcb_svn = report->tee_tcb_svn;
  if (const TdReport15Extra* report = quote.td_report_15()) tcb.tee_tcb_svn2 = report->tee_tcb_svn2;
  return tcb;
}

// Looks at the certificates, and writes down the platform that they are of. Returns the trusted
// root that they end in; null when they end in none.
const TrustRoot* check_certificates(CheckList& checks, const Quote& quote,
                                    const QuotedPlatform& platform, UtcTime now,
                                    std::span<const TrustRoot> trust_roots, Verdict& verdict) {
  check_certification_data(checks, true, "type 5, 3 certificates");
  const TrustRoot* trusted_root = check_pck_chain(checks, platform.pck_chain(),
                                                  platform.pck_chain_signatures, now, trust_roots);
  verdict.simulated = trusted_root != nullptr && trusted_root->is_simulator();
  check_sgx_extension(checks, platform.sgx_extension);
  if (platform.sgx_extension.ok()) {
    verdict.platform = platform_identity(*platform.sgx_extension);
    verdict.platform_tcb = platform_tcb(quote, *platform.sgx_extension);
  }
  return trusted_root;
}

// Whether the attestation key, if there is one, signed the quote.
void check_signed(CheckList& checks, const Quote& quote, const QuotedPlatform& platform) {
  check_quote_signature(checks, quote,
                        platform.attestation_key ? &*platform.attestation_key : nullptr);
}

void check_tcb_level(CheckList& checks, const TcbEvaluation& evaluation) {
  checks.add(
      rules::kTcbLevel,
      evaluation.status != TcbStatus::not_supported && evaluation.status != TcbStatus::unrecognized,
      [&] {
        return CheckText{
            std::string(to_string(evaluation.status)) + " (" + describe(evaluation) + ")",
            "a TCB level that matches, with a status that we know"};
      });
}

// Evaluates the platform's TCB, and writes down what there is to say of it.
void evaluate(CheckList& checks, const Collateral::Parts& collateral, Verdict& verdict) {
  const TcbEvaluation evaluation =
      evaluate_tcb(*verdict.platform_tcb, collateral.tcb_info, collateral.qe_identity);
  check_tcb_level(checks, evaluation);
  verdict.tcb_status = evaluation.status;
  verdict.tcb_date = evaluation.tcb_date;
  verdict.advisory_ids = advisory_ids(evaluation);
  if (evaluation.status != TcbStatus::up_to_date) {
    verdict.tcb_shortfalls =
        find_tcb_shortfalls(*verdict.platform_tcb, collateral.tcb_info, collateral.qe_identity);
  }
}

}  // namespace

Verdict judge(const Question& question, const QuotedPlatform& platform, Detail detail) {
  const auto& [quote, collateral, signatures, now, trust_roots] = question;
  Verdict verdict;
  CheckList checks(detail);

  const TrustRoot* trusted_root =
      check_certificates(checks, quote, platform, now, trust_roots, verdict);
  check_revocation(checks, platform.pck_chain(), collateral, signatures, now);
  check_tcb_info_signed(checks, collateral, signatures, now, trusted_root);
  check_qe_identity_signed(checks, collateral, signatures, now, trusted_root);

  bool can_evaluate = false;
  if (platform.sgx_extension.ok()) {
    can_evaluate =
        check_tcb_info_applies(checks, quote, *platform.sgx_extension, collateral.tcb_info);
  }
  check_tdx_module(checks, quote, collateral.tcb_info);
  check_qe_report(checks, quote, platform.qe_report_by_pck);
  can_evaluate = check_qe_identity(checks, quote, collateral.qe_identity) && can_evaluate;
  check_signed(checks, quote, platform);
  if (can_evaluate) evaluate(checks, collateral, verdict);

  // Whatever could not be evaluated has left a check that did not pass.
  verdict.genuine = can_evaluate && checks.all_passed();
  verdict.valid_until = checks.valid_until();
  verdict.checks = checks.take();
  return verdict;
}

Verdict judge_without_collateral(const Quote& quote, const QuotedPlatform& platform, UtcTime now,
                                 std::span<const TrustRoot> trust_roots) {
  Verdict verdict;
  CheckList checks(Detail::refusals);
  check_certificates(checks, quote, platform, now, trust_roots, verdict);
  check_qe_report(checks, quote, platform.qe_report_by_pck);
  check_signed(checks, quote, platform);
  verdict.checks = checks.take();
  return verdict;
}

Verdict refuse_certification_data(const Error& error, Detail detail) {
  Verdict verdict;
  CheckList checks(detail);
  check_certification_data(checks, false, error.what);
  verdict.checks = checks.take();
  return verdict;
}

}  // namespace quoin
