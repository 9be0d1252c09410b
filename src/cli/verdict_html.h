// `quoin verify` as a page: for people who were not there.

#ifndef QUOIN_SRC_CLI_VERDICT_HTML_H_
#define QUOIN_SRC_CLI_VERDICT_HTML_H_

#include <string>
#include <string_view>

#include "quoin/collateral.h"
#include "quoin/result.h"
#include "src/cli/evidence.h"
#include "src/cli/verification.h"

namespace quoin::cli {

// A page that stands by itself: the answer first, then what ran, the chain of trust, the TCB,
// dates, measurements and every check. `command` verifies again. Nothing in it can be taken for
// ours that is not, and nothing is fetched or run by whoever opens it. Its size is bounded,
// whatever the evidence is.
std::string verdict_html(const Evidence& evidence, const Collateral& collateral,
                         const Verification& verification, std::string_view command);

// The page where there is no verdict.
std::string no_verdict_html(const Error& error);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_VERDICT_HTML_H_
