// What `quoin run` is asked to do.

#ifndef QUOIN_SRC_CLI_RUN_REQUEST_H_
#define QUOIN_SRC_CLI_RUN_REQUEST_H_

#include <optional>
#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/cli/arguments.h"
#include "src/wasm/run.h"

namespace quoin::cli {

struct RunRequest {
  std::string module_path;
  // The last part of the path: what the guest sees as argv[0], and the receipt as the module's
  // name.
  std::string module_name;
  bool simulate = false;
  std::optional<Bytes> nonce;
  std::optional<std::string> receipt_path;
  RunOptions options;  // without the streams
};

// Fails with invalid_argument, with a hint.
Result<RunRequest> read_run_request(const Arguments& arguments);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_RUN_REQUEST_H_
