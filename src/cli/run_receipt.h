// What a run's receipt states, and the receipt itself.

#ifndef QUOIN_SRC_CLI_RUN_RECEIPT_H_
#define QUOIN_SRC_CLI_RUN_RECEIPT_H_

#include <string_view>

#include "quoin/receipt.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/cli/run_request.h"
#include "src/td/td.h"
#include "src/wasm/compile.h"
#include "src/wasm/run.h"

namespace quoin::cli {

// What is known before anything ran: the module, what it was asked, and by whom. Streams and files
// are empty, the native object is zero, and the outcome is "refused".
Statement begin_statement(const RunRequest& request, ByteView module, UtcTime started);

void add_toolchain(Statement& statement, const Toolchain& toolchain);
void add_record(Statement& statement, const RunRecord& record);

// The statement, signed by a quote of that TD, with that collateral unless it is empty. A TD can be
// a simulated one without knowing it, behind --td-root: then the statement says so. Fails as
// write_statement() and Td::quote() do.
Result<Bytes> make_receipt(td::Td& td, Statement statement, Bytes collateral);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_RUN_RECEIPT_H_
