#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/evidence.h"
#include "src/cli/exit_status.h"
#include "src/cli/fetch.h"
#include "src/cli/files.h"
#include "src/cli/named_files.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Fetches what quoin verify needs for quotes of that platform: TCB info, QE identity, the CRLs\n"
    "and their chains, in one JSON object. From --pccs, else from where "
    "/etc/sgx_default_qcnl.conf\n"
    "says, else from Intel. FILE is a quote or a receipt; - is standard input.\n"
    "\n"
    "With --use-qpl the provider library of this machine (libdcap_quoteprov.so.1: Intel's, or a\n"
    "cloud's) is asked, where it is installed; it is native code, and has a configuration of its "
    "own.\n"
    "\n"
    "What is fetched is not verified here: quoin verify does that, whoever it came from. It is "
    "kept\n"
    "in a cache (~/.cache/quoin/collateral) for a day; where nobody answers then, --allow-stale "
    "takes\n"
    "it for as long as it holds.";

constexpr std::array kExamples = {
    Example{"collateral for verifying elsewhere, without a network",
            "quoin collateral fetch --out collateral.json quote.bin"},
    Example{"from a caching service in this data centre",
            "quoin collateral fetch --pccs https://pccs.example:8081 quote.bin > collateral.json"},
};
constexpr std::array kOptions = {
    Option{"--out", "FILE", "write the file instead of standard output"},
    kPccsOption,
    kPccsCaOption,
    kUseQplOption,
    kUpdateOption,
    kNoCacheOption,
    Option{"--allow-stale", "", "where nobody answers, take what the cache has, while it holds"},
    kQcnlConfigOption,
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "done"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file cannot be read or written"},
    ExitMeaning{kExitMalformed, "the quote, or sgx_default_qcnl.conf, is malformed"},
    ExitMeaning{kExitCollateralMissing, "there is no collateral for such a quote"},
    ExitMeaning{kExitFetchFailed, "collateral could not be fetched"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// A command that ends early: its error has been printed.
int failed(const Error& error, int exit_status, Output& output) {
  output.error(error);
  return exit_status;
}

struct FetchQuestion {
  Evidence evidence;
  FetchPlan plan;
};

Result<FetchQuestion> read_question(const Arguments& arguments, Output& output) {
  Inputs inputs(STDIN_FILENO);
  const std::string_view path = TRY(arguments.only_positional("FILE"));
  const Bytes file = TRY(read_named(inputs, path));
  FetchQuestion question;
  question.evidence = TRY(read_evidence(file));
  question.plan = TRY(plan_fetch(arguments, inputs, output));
  // There is no policy here that could say so.
  question.plan.rules.stale_on_error = arguments.has("--allow-stale");
  question.plan.rules.stale_setting = "--allow-stale";
  return question;
}

int run_fetch(const Arguments& arguments, Output& output) {
  const Result<FetchQuestion> question = read_question(arguments, output);
  if (!question.ok()) {
    return failed(question.error(), exit_status_of(question.error().code), output);
  }
  const auto request = plan_request(question->plan, question->evidence.quote);
  if (!request.ok()) return failed(request.error(), kExitCollateralMissing, output);
  const auto fetched = fetch_collateral(question->plan, *request, output);
  if (!fetched.ok()) return failed(fetched.error(), kExitFetchFailed, output);
  if (const auto path = arguments.get("--out")) {
    const Result<void> written = write_file(std::string(*path), fetched->bundle);
    return written.ok() ? kExitOk : failed(written.error(), kExitUsage, output);
  }
  output.data(as_text(fetched->bundle));
  return kExitOk;
}

}  // namespace

constexpr Command kCollateralFetchCommand = {
    .name = "collateral fetch",
    .summary = "fetch the collateral that a quote needs",
    .positional = "FILE|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_fetch,
};

}  // namespace quoin::cli
