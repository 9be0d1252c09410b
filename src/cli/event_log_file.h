// A TD's whole event log, as a command line names it.

#ifndef QUOIN_SRC_CLI_EVENT_LOG_FILE_H_
#define QUOIN_SRC_CLI_EVENT_LOG_FILE_H_

#include "quoin/eventlog.h"
#include "src/cli/arguments.h"
#include "src/cli/files.h"

namespace quoin::cli {

// A CCEL in binary, hex or base64, or JSON. Fails as CcEventLog::parse() and parse_json() do.
Result<CcEventLog> parse_cc_event_log(ByteView contents);

// The log that is the only positional argument, held to the ACPI table of --table where that is
// given. Fails likewise, and with invalid_argument, permission or io when a file cannot be read.
Result<CcEventLog> read_cc_event_log(Inputs& inputs, const Arguments& arguments);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_EVENT_LOG_FILE_H_
