// What a run's receipt states, and the receipt itself.

#ifndef QUOIN_SRC_CLI_RUN_RECEIPT_H_
#define QUOIN_SRC_CLI_RUN_RECEIPT_H_

#include <string_view>

#include "quoin/receipt.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/cli/run_request.h"
#include "src/wasm/compile.h"
#include "src/wasm/run.h"

namespace quoin::cli {

// What is known before anything ran: the module, what it was asked, and by whom. Streams and files
// are empty, the native object is zero, and the outcome is "refused".
Statement begin_statement(const RunRequest& request, ByteView module, UtcTime started);

void add_toolchain(Statement& statement, const Toolchain& toolchain);
void add_record(Statement& statement, const RunRecord& record);

// The statement, signed by a quote of this user's simulator. Fails as write_statement() and
// simulate_quote() do.
Result<Bytes> make_simulated_receipt(const Statement& statement, UtcTime at);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_RUN_RECEIPT_H_
