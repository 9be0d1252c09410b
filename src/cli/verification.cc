#include "src/cli/verification.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

#include "src/cli/exit_status.h"
#include "src/receipt/report_data.h"
#include "src/verify/check_list.h"

namespace quoin::cli {
namespace {

std::vector<Check> check_statement(const Evidence& evidence, bool simulated,
                                   const VerificationRequest& request) {
  if (!evidence.receipt) return {};
  const ReceiptExpectations expectations = {
      .nonce = request.nonce,
      .module_sha256 = request.module_sha256,
      .policy_modules = request.policy.modules,
  };
  return check_receipt(*evidence.receipt, *evidence.statement, evidence.quote, simulated,
                       expectations);
}

// Whether the quote vouches for the statement beside it. Without that a receipt is not genuine,
// however genuine its quote is; the other checks are about what the user wants.
bool statement_is_bound(const std::vector<Check>& receipt_checks) {
  constexpr std::array<std::string_view, 3> kBinding = {"receipt_quote_is_td",
                                                        "receipt_report_data", "receipt_simulated"};
  return std::ranges::all_of(receipt_checks, [&](const Check& check) {
    return check.passed || std::ranges::find(kBinding, check.id) == kBinding.end();
  });
}

}  // namespace

const Check* Verification::reason() const { return first_refusal(checks); }

int Verification::exit_status() const {
  if (accepted) return kExitOk;
  return unpinned ? kExitUnpinned : kExitRefused;
}

Verification verify_evidence(const Evidence& evidence, const Collateral& collateral,
                             const VerificationRequest& request) {
  std::vector<TrustRoot> roots = request.trust_roots;
  std::ranges::copy(request.policy.trust_roots, std::back_inserter(roots));

  Verification found;
  found.at = request.at;
  found.at_is_claimed = request.at_is_claimed;
  found.verdict = verify_quote(evidence.quote, collateral, request.at, roots);
  found.simulated = found.verdict.simulated || names_simulator(evidence.quote);

  PolicyInput input(evidence.quote, collateral, found.verdict, request.at);
  input.event_log = request.event_log ? &*request.event_log : nullptr;
  input.has_receipt = evidence.receipt.has_value();
  Decision decision = decide(request.policy, input);
  std::vector<Check> receipt_checks = check_statement(evidence, found.simulated, request);
  if (request.report_data) {
    receipt_checks.push_back(check_quoted_data(evidence.quote, *request.report_data));
  }
  const bool receipt_holds = std::ranges::all_of(receipt_checks, &Check::passed);
  found.genuine = found.verdict.genuine && statement_is_bound(receipt_checks);
  found.accepted = found.genuine && decision.accepted && receipt_holds;
  found.unpinned = found.genuine && decision.unpinned && receipt_holds;

  found.checks = found.verdict.checks;
  std::ranges::move(decision.checks, std::back_inserter(found.checks));
  std::ranges::move(receipt_checks, std::back_inserter(found.checks));
  return found;
}

}  // namespace quoin::cli
