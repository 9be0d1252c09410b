#include <algorithm>
#include <string>
#include <utility>

#include "quoin/receipt.h"
#include "src/base/hex.h"
#include "src/receipt/report_data.h"

namespace quoin {
namespace {

constexpr std::string_view kReportDataSource = "DSSE envelope.md; docs/formats.md, Report data";
constexpr std::string_view kStatementSource = "docs/formats.md, Receipt";

// A receipt is a TD's word: an SGX quote cannot give it.
Check check_quote_is_td(const Quote& quote) {
  const bool is_td = quote.td_report() != nullptr;
  return {"receipt_quote_is_td", is_td, is_td ? "a TD quote" : "an SGX quote", "a TD quote",
          kStatementSource};
}

Check check_report_data(const Receipt& receipt, const Quote& quote) {
  const ByteArray<64> wanted = report_data_for(receipt.payload_type, receipt.payload);
  return {"receipt_report_data", quote.report_data() == wanted, to_hex(quote.report_data()),
          to_hex(wanted) + ", SHA-512 of the payload's pre-authentication encoding",
          kReportDataSource};
}

Check check_simulated(const Statement& statement, bool simulated) {
  return {"receipt_simulated", statement.simulated == simulated,
          statement.simulated ? "the statement says simulated" : "the statement says real",
          simulated ? "simulated, as the quote is" : "real, as the quote is", kStatementSource};
}

Check check_nonce(const Statement& statement, const Bytes& wanted) {
  return {"receipt_nonce", statement.nonce == wanted,
          statement.nonce ? to_hex(*statement.nonce) : "none", to_hex(wanted), kStatementSource};
}

Check check_module(const Statement& statement, const ByteArray<32>& wanted) {
  return {"receipt_module", statement.module_sha256 == wanted, to_hex(statement.module_sha256),
          to_hex(wanted), kStatementSource};
}

Check check_policy_module(const Statement& statement, const std::vector<ByteArray<32>>& modules) {
  const bool listed = std::ranges::find(modules, statement.module_sha256) != modules.end();
  return {"receipt_policy_module", listed, to_hex(statement.module_sha256),
          "one of the " + std::to_string(modules.size()) + " modules in the policy",
          kStatementSource};
}

}  // namespace

std::vector<Check> check_receipt(const Receipt& receipt, const Statement& statement,
                                 const Quote& quote, bool simulated,
                                 const ReceiptExpectations& expectations) {
  std::vector<Check> checks;
  checks.push_back(check_quote_is_td(quote));
  checks.push_back(check_report_data(receipt, quote));
  checks.push_back(check_simulated(statement, simulated));
  if (expectations.nonce) checks.push_back(check_nonce(statement, *expectations.nonce));
  if (expectations.module_sha256) {
    checks.push_back(check_module(statement, *expectations.module_sha256));
  }
  if (!expectations.policy_modules.empty()) {
    checks.push_back(check_policy_module(statement, expectations.policy_modules));
  }
  return checks;
}

}  // namespace quoin
