#include "src/cli/broker_output.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "src/base/security_event.h"
#include "src/base/try.h"
#include "src/os/deadline.h"
#include "src/os/io.h"

namespace quoin::cli {
namespace {

// A pipe that is ready takes a whole line (pipe(7), PIPE_BUF), unless somebody else fills it first:
// standard error may be the same.
static_assert(kMaxSecurityEventBytes <= PIPE_BUF);
Result<void> record_in_time(const std::string& line, std::chrono::milliseconds patience,
                            Output& output, std::mutex& turn) {
  const std::scoped_lock lock(turn);
  TRY(wait_for(STDOUT_FILENO, POLLOUT, deadline_after(patience), "standard output"));
  return output.record(line);
}

}  // namespace

std::function<Result<void>(const std::string&)> decision_log(Output& output, std::mutex& turn) {
  struct Failing {
    bool is_known = false;
    bool is_told = false;
  };
  return [&output, &turn, failing = Failing()](const std::string& line) mutable {
    // Who has stalled is not waited for again.
    const std::chrono::milliseconds patience = std::chrono::seconds(failing.is_known ? 0 : 1);
    Result<void> written = record_in_time(line, patience, output, turn);
    failing.is_known = !written.ok();
    if (written.ok()) {
      failing.is_told = false;
    } else if (!failing.is_told &&
               wait_for(STDERR_FILENO, POLLOUT, deadline_after({}), "standard error").ok()) {
      failing.is_told = true;
      output.error({ErrorCode::io, "cannot write decisions: " + written.error().what,
                    "no root is given until they can be written again"});
    }
    return written;
  };
}

}  // namespace quoin::cli
