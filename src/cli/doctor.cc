#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/try.h"
#include "src/cli/commands.h"
#include "src/cli/doctor_report.h"
#include "src/cli/evidence.h"
#include "src/cli/fetch.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/simulated_td.h"
#include "src/cli/simulated_tds.h"
#include "src/cli/system.h"
#include "src/cli/td_command.h"
#include "src/doctor/judge.h"
#include "src/doctor/look.h"
#include "src/pcs/client.h"

namespace quoin::cli {
namespace {

using doctor::CollateralObservations;
using doctor::Observations;
using doctor::TdObservations;

constexpr std::string_view kDescription =
    "Looks at everything that attestation needs, and says what does not work, why, and what to "
    "do:\n"
    "whether this is a TD (evidence, never proof), the kernel's device, configfs-tsm, measurement\n"
    "registers and event log, the quote generation service, the clock, where collateral comes from "
    "and\n"
    "until when it holds, the platform's TCB with the component that lags, the simulator, and the\n"
    "configuration files. The first line names the cause: the most fundamental thing that fails.\n"
    "\n"
    "It takes a TDREPORT and a quote, and extends no register. What fails because of something "
    "above it\n"
    "is \"unknown\". docs/doctor.md lists what is looked at.\n"
    "\n"
    "With --json, an object with healthy and simulated (booleans), first (the finding of the "
    "first\n"
    "line, or null) and findings: a list of objects with id, status (ok, warning, failed, "
    "unknown),\n"
    "seen, cause and mend. Members and ids may be added.\n"
    "\n"
    "--explain looks at nothing: it says what a number of Intel's software means (0xe019 of the "
    "quote\n"
    "library, 0x12001 of the QGS, 0xb010 of the provider library, 6 of libtdx_attest), or an HTTP\n"
    "status of a PCS or PCCS (461).";

constexpr std::array kExamples = {
    Example{"what is wrong with this TD", "quoin doctor"},
    Example{"this machine's simulator, and nothing else", "quoin doctor --simulate --offline"},
    Example{"for a program, with a caching service",
            "quoin doctor --json --pccs https://pccs.example:8081"},
    Example{"what the host's log means by a number", "quoin doctor --explain 0x11011"},
};

constexpr std::array kOptions = {
    kTdRootOption,
    kQgsOption,
    kSimulateOption,
    kTdOption,
    Option{"--collateral", "FILE", "look at this collateral (a JSON bundle) instead of fetching"},
    kOfflineOption,
    kPccsOption,
    kPccsCaOption,
    kUpdateOption,
    kNoCacheOption,
    kQcnlConfigOption,
    kTrustRootOption,
    kTrustSimulatorOption,
    Option{"--at", "TIME", "judge as if the clock said this: seconds since 1970, or RFC 3339"},
    Option{"--timeout", "S", "give each way to a quote that many seconds (40)"},
    Option{"--explain", "NUMBER", "say what an error of Intel's software means, and no more", true},
    kJsonOption,
};

constexpr std::array kExits = {
    ExitMeaning{kExitOk, "nothing that is needed fails"},
    ExitMeaning{kExitRefused, "something fails: the first line says what"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file that it names cannot be read"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

constexpr uint64_t kMaxTimeoutSeconds = 3600;
// A doctor asks once, and does not wait long.
constexpr std::chrono::seconds kConnectTimeout{5};
constexpr std::chrono::seconds kAnswerTimeout{15};

Result<TdObservations> look_at_td(const Arguments& arguments) {
  if (arguments.has("--simulate")) {
    const std::string name(td_name(arguments));
    const Result<std::unique_ptr<td::Td>> td = open_simulated_td(name);
    if (td.ok()) return doctor::look_at_simulated_td(**td, name);
    TdObservations seen = {.asked_simulator = true, .simulated_name = name};
    seen.report = Result<Bytes>(td.error());
    return seen;
  }
  doctor::TdQuestion question;
  if (const auto root = arguments.get("--td-root")) {
    question.paths = td::LinuxPaths::under(std::string(*root));
  }
  if (const auto qgs = arguments.get("--qgs")) question.qgs = TRY(td::parse_qgs_address(*qgs));
  if (const auto timeout = arguments.get("--timeout")) {
    question.quote_timeout =
        std::chrono::seconds(TRY(parse_number("--timeout", *timeout, 1, kMaxTimeoutSeconds)));
  }
  return doctor::look_at_td(question);
}

Result<pcs::FetchedCollateral> fetch(const FetchPlan& plan, const Quote& quote, UtcTime at) {
  const pcs::CollateralRequest request = TRY(plan_request(plan, quote));
  const net::Waiting waiting = net::system_waiting();
  net::HttpClient http(plan.http, waiting);
  pcs::PcsClient client(http, plan.service);
  if (!plan.use_cache) {
    return pcs::FetchedCollateral{.bundle = TRY(client.fetch(request, at)), .fetched_at = at};
  }
  const pcs::CollateralCache cache(TRY(collateral_cache_directory()));
  return pcs::fetch_cached(cache, client, request, at, plan.rules, waiting);
}

void ask_service(const FetchPlan& plan, CollateralObservations& seen) {
  net::HttpClient http(plan.http, net::system_waiting());
  seen.service = plan.service.base;
  // What every service has, whatever platforms it knows.
  seen.answer = http.get(pcs::collateral_urls(plan.service, {}).qe_identity);
}

// What is kept from an earlier run, where nothing may be fetched.
doctor::Seen<pcs::FetchedCollateral> look_at_cache(const FetchPlan& plan, const Quote& quote) {
  const auto request = pcs::request_for(quote, plan.update);
  const Result<std::string> directory = collateral_cache_directory();
  if (!request.ok() || !directory.ok()) return {};
  const auto cached = pcs::CollateralCache(*directory).load({*request, plan.service.base});
  if (!cached.ok()) return {};
  return Result<pcs::FetchedCollateral>(pcs::FetchedCollateral{
      .bundle = cached->bundle, .fetched_at = cached->fetched_at, .from_cache = true});
}

Result<CollateralObservations> look_at_collateral(const Arguments& arguments, ByteView quote_bytes,
                                                  UtcTime at) {
  Inputs inputs(STDIN_FILENO);
  CollateralObservations seen = {.offline = arguments.has("--offline"),
                                 .is_given = arguments.has("--collateral"),
                                 .qcnl_path = qcnl_config_path(arguments)};
  if (const auto path = arguments.get("--collateral")) {
    seen.fetched = Result<pcs::FetchedCollateral>(
        pcs::FetchedCollateral{.bundle = TRY(read_named(inputs, *path)), .fetched_at = at});
  }
  const auto file = read_qcnl_config(arguments, inputs);
  if (!file.ok()) {
    if (file.error().code == ErrorCode::invalid_argument) return file.error();
    seen.qcnl = Result<pcs::QcnlConfig>(file.error());
  } else if (*file) {
    seen.qcnl = Result<pcs::QcnlConfig>(**file);
  }
  const pcs::QcnlConfig config = seen.qcnl && seen.qcnl->ok() ? **seen.qcnl : pcs::QcnlConfig();
  Result<FetchPlan> plan = plan_fetch(arguments, config, inputs);
  if (!plan.ok()) {
    // The options' fault, or the file's.
    TRY(plan_fetch(arguments, {}, inputs));
    seen.qcnl = Result<pcs::QcnlConfig>(plan.error());
  }
  const Result<Quote> quote = parse_quote(quote_bytes);
  const bool of_simulator = arguments.has("--simulate") || (quote.ok() && names_simulator(*quote));
  if (of_simulator && !arguments.has("--pccs")) {
    seen.of_simulator = true;
    seen.service = "the simulator";
    if (!seen.fetched && quote.ok()) {
      Result<Bytes> bundle = simulator_collateral(at);
      seen.fetched = bundle.ok() ? Result<pcs::FetchedCollateral>(pcs::FetchedCollateral{
                                       .bundle = std::move(*bundle), .fetched_at = at})
                                 : Result<pcs::FetchedCollateral>(bundle.error());
    }
    return seen;
  }
  // Nobody knows which service a file means that cannot be read: Intel is not asked in its place.
  const bool knows_service = arguments.has("--pccs") || !seen.qcnl || seen.qcnl->ok();
  if (!knows_service) return seen;
  plan->http.retries.attempts = 1;
  plan->http.connect_timeout = kConnectTimeout;
  plan->http.total_timeout = kAnswerTimeout;
  if (seen.offline) {
    if (!seen.fetched && quote.ok()) seen.fetched = look_at_cache(*plan, *quote);
  } else if (!seen.is_given) {
    ask_service(*plan, seen);
    if (quote.ok()) seen.fetched = fetch(*plan, *quote, at);
  }
  return seen;
}

doctor::Seen<Observations::Simulator> look_at_simulator() {
  const Result<std::string> directory = simulator_directory();
  if (!directory.ok()) return Result<Observations::Simulator>(directory.error());
  const Result<Bytes> root = simulator_root();
  if (!root.ok()) return Result<Observations::Simulator>(root.error());
  const auto tds = simulated_tds();
  if (!tds.ok()) return Result<Observations::Simulator>(tds.error());
  return Result<Observations::Simulator>({.directory = *directory, .tds = tds->size()});
}

Result<Observations> look(const Arguments& arguments) {
  TRY(check_no_positional(arguments));
  for (const std::string_view option : {"--td-root", "--qgs"}) {
    if (arguments.has("--simulate") && arguments.has(option)) {
      return usage_error("--simulate and " + std::string(option) + " do not go together",
                         "a simulated TD makes its quotes itself");
    }
  }
  Observations seen = {.now = now(), .written = version_date()};
  if (const auto at = arguments.get("--at")) seen.now = TRY(parse_time("--at", *at));
  Inputs inputs(-1);
  seen.trust_roots = TRY(read_trust_roots(arguments, inputs));
  seen.simulator = look_at_simulator();
  if (const Result<Bytes> root = simulator_root(); arguments.has("--simulate") && root.ok()) {
    seen.trust_roots.push_back(TRY(TrustRoot::parse(*root)));
  }
  seen.td = TRY(look_at_td(arguments));
  seen.sandbox = doctor::look_at_sandbox();
  seen.collateral = TRY(look_at_collateral(arguments, doctor::quote_of(seen.td), seen.now));
  return seen;
}

bool is_simulated(const Observations& seen) {
  const Result<Quote> quote = parse_quote(doctor::quote_of(seen.td));
  return seen.td.asked_simulator || (quote.ok() && names_simulator(*quote));
}

int run_doctor(const Arguments& arguments, Output& output) {
  if (arguments.has("--explain")) return explain_numbers(arguments, output);
  const Result<Observations> seen = look(arguments);
  if (!seen.ok()) {
    output.error(seen.error());
    return kExitUsage;
  }
  const std::vector<doctor::Finding> findings = doctor::judge(*seen);
  output.data(arguments.has("--json")
                  ? doctor_json(findings, is_simulated(*seen))
                  : doctor_text(findings, is_simulated(*seen), output.colour()));
  if (output.failed()) return kExitOutput;
  return doctor::is_healthy(findings) ? kExitOk : kExitRefused;
}

}  // namespace

constexpr Command kDoctorCommand = {
    .name = "doctor",
    .summary = "look at everything that attestation needs, and say what is wrong and why",
    .positional = "",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_doctor,
};

}  // namespace quoin::cli
