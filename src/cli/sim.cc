#include <array>
#include <string>
#include <string_view>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/files.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_td.h"
#include "src/cli/system.h"
#include "src/cli/value.h"
#include "src/x509/pem.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kNothing =
    "What a simulator signs is real in every byte and proves nothing to anybody: its root is made\n"
    "fresh on each machine, and nothing trusts it unless told to by name.";

constexpr std::array kInitExamples = {
    Example{"make this user's simulator", "quoin sim init"},
};
constexpr std::array kRootExamples = {
    Example{"let a colleague verify what your simulator signed",
            "quoin sim root > simulator.pem && quoin verify --trust-root simulator.pem r.json"},
};
constexpr std::array kQuoteExamples = {
    Example{"a quote, and the collateral to verify it with",
            "quoin sim quote --out quote.bin && quoin sim collateral --out collateral.json"},
    Example{"verify it", "quoin verify --trust-simulator --collateral collateral.json quote.bin"},
};
constexpr std::array kCollateralExamples = {
    Example{"collateral for this user's simulator", "quoin sim collateral --out collateral.json"},
};
constexpr std::array kInitOptions = {Option{"--json", "", "print JSON"}};
constexpr std::array kQuoteOptions = {
    kTdOption,
    Option{"--report-data", "HEX", "the 64 bytes that the quote carries; zero if not given"},
    Option{"--out", "FILE", "write the file instead of standard output"},
};
constexpr std::array kCollateralOptions = {
    Option{"--out", "FILE", "write the file instead of standard output"},
};
Result<void> emit(const Arguments& arguments, ByteView bytes, Output& output) {
  if (const auto path = arguments.get("--out")) return write_file(std::string(*path), bytes);
  output.data(as_text(bytes));
  return {};
}

Result<void> init(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const SimulatorState state = TRY(prepare_simulator());
  if (arguments.has("--json")) {
    output.data(to_json(Value::Object{{"directory", state.directory}, {"created", state.created}}));
  } else {
    output.notice((state.created ? "simulator made in " : "there is a simulator already in ") +
                  state.directory);
  }
  return {};
}

Result<void> print_root(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const Bytes root = TRY(simulator_root());
  output.data(x509::to_pem(root, "CERTIFICATE"));
  return {};
}

Result<void> print_quote(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  ByteArray<64> report_data{};
  if (const auto hex = arguments.get("--report-data")) {
    if (!from_hex(*hex, report_data).ok()) {
      return usage_error("--report-data " + std::string(*hex) + ": not understood",
                         "wanted 64 bytes: 128 hex digits");
    }
  }
  const SimulatedQuote quote = TRY(simulate_quote(td_name(arguments), report_data, now()));
  return emit(arguments, quote.quote, output);
}

Result<void> print_collateral(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const Bytes collateral = TRY(simulator_collateral(now()));
  return emit(arguments, collateral, output);
}

int run_init(const Arguments& arguments, Output& output) {
  return finish_sim(init(arguments, output), output);
}
int run_root(const Arguments& arguments, Output& output) {
  return finish_sim(print_root(arguments, output), output);
}
int run_quote(const Arguments& arguments, Output& output) {
  return finish_sim(print_quote(arguments, output), output);
}
int run_collateral(const Arguments& arguments, Output& output) {
  return finish_sim(print_collateral(arguments, output), output);
}

}  // namespace

constexpr Command kSimInitCommand = {
    .name = "sim init",
    .summary = "make this user's simulated TD platform",
    .positional = "",
    .description = kNothing,
    .examples = kInitExamples,
    .options = kInitOptions,
    .exit_statuses = kSimExits,
    .run = run_init,
};

constexpr Command kSimRootCommand = {
    .name = "sim root",
    .summary = "print the simulator's root certificate",
    .positional = "",
    .description = kNothing,
    .examples = kRootExamples,
    .options = {},
    .exit_statuses = kSimExits,
    .run = run_root,
};

constexpr Command kSimQuoteCommand = {
    .name = "sim quote",
    .summary = "make a quote of a simulated TD",
    .positional = "",
    .description = kNothing,
    .examples = kQuoteExamples,
    .options = kQuoteOptions,
    .exit_statuses = kSimExits,
    .run = run_quote,
};

constexpr Command kSimCollateralCommand = {
    .name = "sim collateral",
    .summary = "make the collateral for the simulator's quotes",
    .positional = "",
    .description = kNothing,
    .examples = kCollateralExamples,
    .options = kCollateralOptions,
    .exit_statuses = kSimExits,
    .run = run_collateral,
};

}  // namespace quoin::cli
