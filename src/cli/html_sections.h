// The sections of the page that verdict_html() makes, each with its heading.

#ifndef QUOIN_SRC_CLI_HTML_SECTIONS_H_
#define QUOIN_SRC_CLI_HTML_SECTIONS_H_

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/receipt.h"
#include "src/cli/evidence.h"
#include "src/cli/html.h"
#include "src/cli/verification.h"

namespace quoin::cli {

// The answer, and what a reader needs to know of it first.
Html html_headline(const Verification& verification);

// What a receipt states: "What ran". Where that is not `proven` the section says so.
Html html_statement(const Statement& statement, bool proven);

// Who vouches for whom, as a picture, and where it breaks.
Html html_chain(const Evidence& evidence, const Collateral& collateral,
                const Verification& verification);

// The platform's SVNs beside the levels that they are measured by.
Html html_tcb(const Collateral& collateral, const Verdict& verdict);

// When each part holds.
Html html_timeline(const Evidence& evidence, const Collateral& collateral,
                   const Verification& verification);

// What the quote says of what was started, and of where. Where the quote is not genuine the
// sections say so.
Html html_measurements(const Quote& quote, const Verdict& verdict);
Html html_platform(const Quote& quote, const Verdict& verdict);

// Every check, those that did not pass first.
Html html_checks(const std::vector<Check>& checks);

// One check that did not pass: what it is about, what was seen, what was wanted, what to do.
Html html_refusal(const Check& check);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_SECTIONS_H_
