// What a broker says while it serves, of which nothing is to hold up the connections: whoever reads
// its output may stall.

#ifndef QUOIN_SRC_CLI_BROKER_OUTPUT_H_
#define QUOIN_SRC_CLI_BROKER_OUTPUT_H_

#include <functional>
#include <mutex>
#include <string>

#include "quoin/result.h"
#include "src/cli/output.h"

namespace quoin::cli {

// What writes a decision, one line, onto standard output. It fails where that has not taken the
// line within a second, or at once where the one before has failed so. That is told on standard
// error, once until decisions can be written again. `output` and `turn` are borrowed; `output`
// never_waits(turn). One call at a time.
std::function<Result<void>(const std::string&)> decision_log(Output& output, std::mutex& turn);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_BROKER_OUTPUT_H_
