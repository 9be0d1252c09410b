#include <array>
#include <string>
#include <string_view>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_tds.h"
#include "src/cli/stop_signal.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Answers as Intel's quote generation service does on the host of TDs: a TDREPORT of any TD of\n"
    "this user's simulator becomes a quote. Without a TD's kernel between them, that is how a\n"
    "report becomes the quote of exactly that report. It proves nothing to anybody.\n"
    "\n"
    "Prints one line when it listens, and serves until SIGINT or SIGTERM. The faults are those of\n"
    "quoin sim mount whose names begin with qgs- or quote-, and slow=MS.";

constexpr std::array kExamples = {
    Example{"on a Unix socket", "quoin sim qgs --listen unix:/tmp/qgs.socket"},
    Example{"on a port of this machine, with a first answer that is an error",
            "quoin sim qgs --listen tcp:127.0.0.1:4050 --fault qgs-error=1"},
};

constexpr std::array kOptions = {
    Option{"--listen", "ADDRESS", "unix:PATH, or tcp:127.0.0.1:PORT"},
    Option{"--fault", "NAME[=COUNT]", "what goes wrong", true},
};

Result<void> serve(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  QgsRequest request;
  const auto address = arguments.get("--listen");
  if (!address) return usage_error("needs --listen", "--help shows examples");
  request.address = *address;
  for (const std::string_view fault : arguments.all("--fault")) request.faults.emplace_back(fault);
  const StopSignal stop;
  if (stop.get() < 0) return Error{ErrorCode::io, "cannot take signals"};
  request.stop = stop.get();
  return serve_simulated_qgs(request, [&](std::string_view listening) {
    output.data("simulated QGS at " + std::string(listening) + "\n");
  });
}

int run_qgs(const Arguments& arguments, Output& output) {
  return finish_sim(serve(arguments, output), output);
}

}  // namespace

constexpr Command kSimQgsCommand = {
    .name = "sim qgs",
    .summary = "serve quotes of the simulator's TDREPORTs, as the host of a TD does",
    .positional = "",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kSimExits,
    .run = run_qgs,
};

}  // namespace quoin::cli
