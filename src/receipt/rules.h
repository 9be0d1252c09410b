// The rules for receipts, by name, and where each is written. Each lives in one function.

#ifndef QUOIN_SRC_RECEIPT_RULES_H_
#define QUOIN_SRC_RECEIPT_RULES_H_

#include <array>

#include "src/verify/rule.h"

namespace quoin::receipt_rules {

inline constexpr Rule kQuoteIsTd = {
    "receipt_quote_is_td",
    "The quote is a TD's: an SGX enclave cannot vouch for a run.",
    "docs/formats.md, Receipt",
    "do not believe it: the quote belongs to something else",
};
inline constexpr Rule kReportData = {
    "receipt_report_data",
    "The quote's report data are the SHA-512 of the payload's pre-authentication encoding.",
    "DSSE envelope.md; docs/formats.md, Report data",
    "do not believe it: the statement was changed, or belongs to another quote",
};
inline constexpr Rule kSimulated = {
    "receipt_simulated",
    "The statement says that it is simulated where the quote is, and only there.",
    "docs/formats.md, Receipt",
    "do not believe it: the statement lies about where it ran",
};
inline constexpr Rule kNonce = {
    "receipt_nonce",
    "The statement has the nonce that was asked for.",
    "docs/formats.md, Receipt",
    "ask for a new receipt: this one is not of the run you asked for",
};
inline constexpr Rule kModule = {
    "receipt_module",
    "The module that ran is the one that was named.",
    "docs/formats.md, Receipt",
    "another module ran than the one you named",
};
inline constexpr Rule kPolicyModule = {
    "receipt_policy_module",
    "The module that ran is one that the policy names.",
    "docs/formats.md, Policy",
    "add the module's SHA-256 to the policy if you want it",
};

// Of a quote that is no receipt's.
inline constexpr Rule kQuotedData = {
    "quoted_data",
    "The quote's report data are those that were asked for.",
    "docs/formats.md, Report data",
    "do not believe it: the quote is about other data, or was made for somebody else",
};

// In the order in which they are looked at.
inline constexpr std::array kAll = {
    kQuoteIsTd, kReportData, kSimulated, kNonce, kModule, kPolicyModule, kQuotedData,
};

}  // namespace quoin::receipt_rules

#endif  // QUOIN_SRC_RECEIPT_RULES_H_
