#include <algorithm>
#include <string>

#include "quoin/receipt.h"
#include "src/base/hex.h"
#include "src/receipt/report_data.h"
#include "src/receipt/rules.h"
#include "src/verify/check_list.h"

namespace quoin {
namespace {

// A receipt is a TD's word: an SGX quote cannot give it.
void check_quote_is_td(CheckList& checks, const Quote& quote) {
  const bool is_td = quote.td_report() != nullptr;
  checks.add(receipt_rules::kQuoteIsTd, is_td,
             [&] { return CheckText{is_td ? "a TD quote" : "an SGX quote", "a TD quote"}; });
}

void check_report_data(CheckList& checks, const Receipt& receipt, const Quote& quote) {
  const ByteArray<64> wanted = report_data_for(receipt.payload_type, receipt.payload);
  checks.add(receipt_rules::kReportData, quote.report_data() == wanted, [&] {
    return CheckText{to_hex(quote.report_data()),
                     to_hex(wanted) + ", SHA-512 of the payload's pre-authentication encoding"};
  });
}

void check_simulated(CheckList& checks, const Statement& statement, bool simulated) {
  checks.add(receipt_rules::kSimulated, statement.simulated == simulated, [&] {
    return CheckText{
        statement.simulated ? "the statement says simulated" : "the statement says real",
        simulated ? "simulated, as the quote is" : "real, as the quote is"};
  });
}

void check_nonce(CheckList& checks, const Statement& statement, const Bytes& wanted) {
  checks.add(receipt_rules::kNonce, statement.nonce == wanted, [&] {
    return CheckText{statement.nonce ? to_hex(*statement.nonce) : "none", to_hex(wanted)};
  });
}

void check_module(CheckList& checks, const Statement& statement, const ByteArray<32>& wanted) {
  checks.add(receipt_rules::kModule, statement.module_sha256 == wanted,
             [&] { return CheckText{to_hex(statement.module_sha256), to_hex(wanted)}; });
}

void check_policy_module(CheckList& checks, const Statement& statement,
                         const std::vector<ByteArray<32>>& modules) {
  const bool listed = std::ranges::find(modules, statement.module_sha256) != modules.end();
  checks.add(receipt_rules::kPolicyModule, listed, [&] {
    return CheckText{to_hex(statement.module_sha256),
                     "one of the " + std::to_string(modules.size()) + " modules in the policy"};
  });
}

}  // namespace

std::vector<Check> check_receipt(const Receipt& receipt, const Statement& statement,
                                 const Quote& quote, bool simulated,
                                 const ReceiptExpectations& expectations) {
  CheckList checks(Detail::every_check);
  check_quote_is_td(checks, quote);
  check_report_data(checks, receipt, quote);
  check_simulated(checks, statement, simulated);
  if (expectations.nonce) check_nonce(checks, statement, *expectations.nonce);
  if (expectations.module_sha256) check_module(checks, statement, *expectations.module_sha256);
  if (!expectations.policy_modules.empty()) {
    check_policy_module(checks, statement, expectations.policy_modules);
  }
  return checks.take();
}

}  // namespace quoin
