#include <array>
#include <string>
#include <string_view>

#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/simulated_pcs.h"
#include "src/cli/system.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Serves the collateral of this user's simulated platform as Intel's provisioning service (API "
    "v3\n"
    "and v4) and a PCCS do, over plain HTTP, until it is interrupted. Prints its address. Clients "
    "of\n"
    "others can be pointed at it.\n"
    "\n"
    "With --fault it answers wrongly, for tests of clients: error, busy-twice, too-many, "
    "forbidden,\n"
    "unknown, redirect, slow, cut-off, oversize, oversize-headers, empty, html, no-chain,\n"
    "two-chains, bad-escape, not-a-chain, other-platform, altered. With new-bios, new-module or "
    "new-qe\n"
    "it knows a TCB level that this platform does not have: it is OutOfDate.";

constexpr std::array kExamples = {
    Example{"serve, and verify a quote with what is served",
            "quoin sim pcs --listen 127.0.0.1:8081 &\n"
            "quoin sim quote --out quote.bin\n"
            "quoin verify --trust-simulator --pccs http://127.0.0.1:8081 quote.bin"},
};
constexpr std::array kOptions = {
    Option{"--listen", "ADDRESS:PORT", "127.0.0.1:0, any free port, if not given"},
    Option{"--fault", "NAME", "answer wrongly"},
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "interrupted"},
    ExitMeaning{kExitRefused, "there is no simulator, it refuses, or the port is taken"},
    ExitMeaning{kExitUsage, "the command line is wrong"},
};

int run_pcs(const Arguments& arguments, Output& output) {
  if (!arguments.positional().empty()) {
    output.error(
        usage_error("'" + std::string(arguments.positional().front()) + "' is one too many",
                    "--help shows examples"));
    return kExitUsage;
  }
  const Result<void> served = serve_simulated_pcs(
      arguments.get("--listen").value_or("127.0.0.1:0"), arguments.get("--fault").value_or("none"),
      now(), [&](const std::string& url) { output.data(url + "\n"); });
  if (served.ok()) return kExitOk;
  output.error(served.error());
  return served.error().code == ErrorCode::invalid_argument ? kExitUsage : kExitRefused;
}

}  // namespace

constexpr Command kSimPcsCommand = {
    .name = "sim pcs",
    .summary = "serve the simulator's collateral, as Intel's service does",
    .positional = "",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_pcs,
};

}  // namespace quoin::cli
