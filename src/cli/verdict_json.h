// `quoin verify --json`. Stable: docs/cli.md documents it; members are added, never changed.

#ifndef QUOIN_SRC_CLI_VERDICT_JSON_H_
#define QUOIN_SRC_CLI_VERDICT_JSON_H_

#include "quoin/result.h"
#include "src/cli/evidence.h"
#include "src/cli/value.h"
#include "src/cli/verification.h"

namespace quoin::cli {

// What verification found.
Value verdict_value(const Evidence& evidence, const Verification& verification);

// The same members at the top for evidence that could not be verified at all, with the reason in
// "error".
Value no_verdict_value(const Error& error, int exit_status);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_VERDICT_JSON_H_
