#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/collateral.h"
#include "quoin/policy.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/evidence.h"
#include "src/cli/exit_status.h"
#include "src/cli/fetch.h"
#include "src/cli/files.h"
#include "src/cli/html_target.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/system.h"
#include "src/cli/verdict_html.h"
#include "src/cli/verdict_json.h"
#include "src/cli/verdict_text.h"
#include "src/cli/verification.h"
#include "src/crypto/sha2.h"
#include "src/receipt/report_data.h"
#include "src/wasm/module.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Verifies a quote (binary, hex, base64 or PEM), a receipt, or a quote with its collateral in\n"
    "one JSON file; the contents tell which. FILE - is standard input.\n"
    "\n"
    "Two questions are answered apart. Genuine: every signature, chain, date, revocation and\n"
    "identity holds at that time under a root that is trusted, and for a receipt the quote "
    "vouches\n"
    "for the statement. Accepted: the policy wants this platform, this TCB status and these\n"
    "measurements. Any owner of a TDX machine can put any statement into a genuine quote, so\n"
    "without a policy that pins what ran nothing is accepted. What a simulator signs proves "
    "nothing\n"
    "to others: it is accepted without a policy once its root is trusted.\n"
    "\n"
    "Collateral comes from --collateral, else from the file itself, else it is fetched: from\n"
    "--pccs, else from where /etc/sgx_default_qcnl.conf says, else from Intel. What is fetched is\n"
    "judged as any other, and kept in a cache (~/.cache/quoin/collateral) for a day; where nobody\n"
    "answers then, for as long as it holds if the policy has stale_collateral_on_error. Proxies "
    "are\n"
    "not used. --offline fetches nothing.\n"
    "\n"
    "With --json, the object has at its top: genuine, accepted and simulated (booleans);\n"
    "tcb_status (Intel's names, \"NotSupported\" where no level matches, null where it cannot be\n"
    "determined); tcb_date; advisories (a list of Intel's ids); valid_until (the last second at\n"
    "which this holds); exit_status; reason (the id of the first check that did not pass, or "
    "null);\n"
    "error (null, or code, what and hint of why there is no verdict); at and at_is_claimed;\n"
    "evidence (\"quote\" or \"receipt\"); platform; measurements; statement (of a receipt);\n"
    "and checks, a list of {id, passed, seen, wanted, rule, advice}. Times are RFC 3339 in UTC. "
    "Where "
    "there\n"
    "is no verdict, what was not looked at is missing. Members may be added; those that are there\n"
    "keep their meaning.\n"
    "\n"
    "With --html, a page for people is written too: one file that needs no other and fetches "
    "nothing,\n"
    "with the answer, the chain of trust, the TCB beside Intel's levels, dates, measurements and "
    "every\n"
    "check. Where there is no verdict the page says so; where the command line is wrong none is\n"
    "written.";

constexpr std::array kExamples = {
    Example{"a receipt of this machine's simulator",
            "quoin verify --trust-simulator --module app.wasm receipt.json"},
    Example{"a quote, by a policy, with collateral from a file",
            "quoin verify --policy policy.toml --collateral collateral.json quote.bin"},
    Example{"the same for a program", "quoin verify --json --policy policy.toml receipt.json"},
    Example{"a quote that a TD was asked for over a nonce",
            "quoin verify --policy policy.toml --data nonce.bin quote.bin"},
    Example{"a page for people, besides the answer",
            "quoin verify --html report.html --policy policy.toml receipt.json"},
    Example{"a quote in hex from elsewhere, as of a date",
            "quoin verify --at 2025-03-20T00:00:00Z --collateral collateral.json - < quote.hex"},
};

constexpr std::array kOptions = {
    Option{"--collateral", "FILE", "verify with this collateral (a JSON bundle)"},
    Option{"--policy", "FILE", "accept what this policy (TOML) wants"},
    Option{"--event-log", "FILE", "the TD's runtime events, as JSON: must replay to its RTMR3"},
    Option{"--at", "TIME", "verify at this time: seconds since 1970, or RFC 3339"},
    kTrustRootOption,
    kTrustSimulatorOption,
    Option{"--insecure-any-measurement", "", "accept whatever ran"},
    Option{"--nonce", "HEX", "the receipt must be of a run with this nonce"},
    Option{"--module", "X.wasm", "the receipt must be of this module"},
    Option{"--data", "FILE", "the quote must be about this file, as quoin quote --data makes it"},
    Option{"--report-data", "HEX", "the quote must carry these 64 bytes"},
    kOfflineOption,
    kPccsOption,
    kPccsCaOption,
    kUpdateOption,
    kNoCacheOption,
    kQcnlConfigOption,
    Option{"--json", "", "print JSON"},
    Option{"--html", "FILE", "write a page for people to FILE; to standard output, alone, for -"},
    Option{"--verbose", "", "print every check"},
    Option{"--quiet", "", "print no verdict: the exit status tells"},
};

constexpr std::array kExits = {
    ExitMeaning{kExitOk, "accepted"},
    ExitMeaning{kExitRefused, "refused"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file that it names cannot be read"},
    ExitMeaning{kExitMalformed, "evidence, collateral or policy is malformed"},
    ExitMeaning{kExitCollateralMissing, "there is no collateral to verify with"},
    ExitMeaning{kExitUnpinned, "genuine, but no policy pins what ran"},
    ExitMeaning{kExitFetchFailed, "collateral could not be fetched"},
    ExitMeaning{kExitBug, "a bug of ours"},
    ExitMeaning{kExitOutput, "accepted, but standard output or the page could not be written"},
};

Result<Policy> read_policy(const Arguments& arguments, Inputs& inputs) {
  Policy policy;
  if (const auto path = arguments.get("--policy")) {
    policy = TRY(read_policy_file(inputs, *path));
  }
  policy.any_measurement = arguments.has("--insecure-any-measurement");
  return policy;
}

Result<std::optional<ByteArray<64>>> read_wanted_data(const Arguments& arguments, Inputs& inputs) {
  const auto file = arguments.get("--data");
  const auto hex = arguments.get("--report-data");
  if (file && hex) {
    return usage_error("--data and --report-data do not go together", "name one of them");
  }
  if (file) {
    const Bytes data = TRY(read_named(inputs, *file));
    return std::optional(report_data_for(kQuotedDataType, data));
  }
  if (!hex) return std::optional<ByteArray<64>>();
  ByteArray<64> report_data{};
  if (from_hex(*hex, report_data).ok()) return std::optional(report_data);
  return usage_error("--report-data " + std::string(*hex) + ": not understood",
                     "wanted 64 bytes: 128 hex digits");
}

Result<VerificationRequest> read_request(const Arguments& arguments, Inputs& inputs) {
  VerificationRequest request;
  request.at = now();
  if (const auto at = arguments.get("--at")) {
    request.at = TRY(parse_time("--at", *at));
    request.at_is_claimed = true;
  }
  if (const auto nonce = arguments.get("--nonce")) {
    request.nonce = TRY(parse_nonce("--nonce", *nonce));
  }
  if (const auto module = arguments.get("--module")) {
    request.module_sha256 = sha256(TRY(read_named(inputs, *module, kMaxModuleBytes)));
  }
  request.report_data = TRY(read_wanted_data(arguments, inputs));
  if (const auto event_log = arguments.get("--event-log")) {
    request.event_log = TRY(read_event_log_file(inputs, *event_log));
  }
  request.policy = TRY(read_policy(arguments, inputs));
  request.trust_roots = TRY(read_trust_roots(arguments, inputs));
  return request;
}

// A question that only a receipt answers, or only a quote alone, must not be passed over in
// silence.
Result<void> check_questions(const Arguments& arguments, const Evidence& evidence) {
  if (evidence.receipt) {
    for (const std::string_view option : {"--data", "--report-data"}) {
      if (arguments.has(option)) {
        return usage_error(std::string(option) + " asks for a quote alone, and this is a receipt",
                           "--nonce and --module say what a receipt must be of");
      }
    }
    return {};
  }
  for (const std::string_view option : {"--nonce", "--module"}) {
    if (arguments.has(option)) {
      return usage_error(std::string(option) + " asks for a receipt, and this is a quote alone",
                         "give the receipt that quoin run --receipt wrote");
    }
  }
  return {};
}

// What is asked, and about what.
struct Question {
  VerificationRequest request;
  Evidence evidence;
};

Result<Question> read_question(const Arguments& arguments, Inputs& inputs) {
  const std::string_view path = TRY(arguments.only_positional("FILE"));
  Question question;
  question.request = TRY(read_request(arguments, inputs));
  const Bytes file = TRY(read_named(inputs, path));
  question.evidence = TRY(read_evidence(file));
  TRY(check_questions(arguments, question.evidence));
  return question;
}

// Why there is no verdict, and what the command ends with then.
struct Failure {
  Error error;
  int exit_status = kExitBug;
};

// Collateral, or why there is none.
struct Obtained {
  std::optional<Collateral> collateral;
  Failure failure = {};
};

Obtained obtained(Result<Collateral> collateral) {
  if (collateral.ok()) return {.collateral = std::move(collateral).value()};
  return {.collateral = std::nullopt,
          .failure = {collateral.error(), exit_status_of(collateral.error().code)}};
}

Obtained not_obtained(Error error, int exit_status) {
  return {.collateral = std::nullopt, .failure = {std::move(error), exit_status}};
}

Obtained fetch(const Arguments& arguments, const Question& question, Inputs& inputs,
               Output& output) {
  Result<FetchPlan> plan = plan_fetch(arguments, inputs, output);
  if (!plan.ok()) return not_obtained(plan.error(), exit_status_of(plan.error().code));
  plan->rules.stale_on_error = question.request.policy.stale_collateral_on_error;
  plan->rules.serves = [&question](const Collateral& collateral) {
    return verify_evidence(question.evidence, collateral, question.request).verdict.genuine;
  };
  const Result<pcs::CollateralRequest> request = plan_request(*plan, question.evidence.quote);
  if (!request.ok()) return not_obtained(request.error(), kExitCollateralMissing);
  const auto fetched = fetch_collateral(*plan, *request, output);
  if (!fetched.ok()) return not_obtained(fetched.error(), kExitFetchFailed);
  return obtained(Collateral::parse(fetched->bundle));
}

Obtained obtain_collateral(const Arguments& arguments, const Question& question, Inputs& inputs,
                           Output& output) {
  if (const auto path = arguments.get("--collateral")) {
    return obtained(read_collateral_file(inputs, *path));
  }
  const Bytes& own = question.evidence.collateral;
  if (!own.empty()) return obtained(Collateral::parse(own));
  if (!arguments.has("--offline")) return fetch(arguments, question, inputs, output);
  return not_obtained(no_collateral(), kExitCollateralMissing);
}

// What verifies the same again, at the same time. Files are not named: whoever reads it has others.
std::string command_again(const Arguments& arguments, UtcTime at) {
  constexpr std::array<std::string_view, 5> kNotRepeated = {"--at", "--json", "--html", "--verbose",
                                                            "--quiet"};
  std::string command = "quoin verify --at " + to_string(at);
  for (const Option& option : kOptions) {
    if (std::ranges::find(kNotRepeated, option.name) != kNotRepeated.end()) continue;
    for (size_t i = 0; i < arguments.all(option.name).size(); ++i) {
      command.append(" ").append(option.name);
      if (!option.argument.empty()) command.append(" ").append(option.argument);
    }
  }
  return command + " FILE";
}

int no_verdict(const Arguments& arguments, const Failure& failure, const HtmlTarget& html_target,
               Output& output) {
  output.error(failure.error);
  if (failure.exit_status == kExitUsage) return failure.exit_status;
  if (arguments.has("--json")) {
    output.data(to_json(no_verdict_value(failure.error, failure.exit_status)));
  }
  return html_target.write(no_verdict_html(failure.error), failure.exit_status, output);
}

int print_verdict(const Arguments& arguments, const Question& question,
                  const Collateral& collateral, const Verification& verification,
                  const HtmlTarget& html_target, Output& output) {
  if (arguments.has("--json")) {
    output.data(to_json(verdict_value(question.evidence, verification)));
  } else if (!arguments.has("--quiet") && !html_target.is_standard_output()) {
    output.data(verdict_text(question.evidence, verification,
                             {.colour = output.colour(), .verbose = arguments.has("--verbose")}));
  }
  const int exit_status = verification.exit_status();
  if (!html_target.is_wanted()) return exit_status;
  const std::string page = verdict_html(question.evidence, collateral, verification,
                                        command_again(arguments, question.request.at));
  return html_target.write(page, exit_status, output);
}

int run_verify(const Arguments& arguments, Output& output) {
  if (arguments.has("--json") && arguments.has("--quiet")) {
    output.error(usage_error("--json and --quiet exclude each other", "choose one"));
    return kExitUsage;
  }
  const Result<HtmlTarget> html_target = HtmlTarget::open(arguments);
  if (!html_target.ok()) {
    output.error(html_target.error());
    return kExitUsage;
  }
  Inputs inputs(STDIN_FILENO);
  const Result<Question> question = read_question(arguments, inputs);
  if (!question.ok()) {
    const Failure failure = {question.error(), exit_status_of(question.error().code)};
    return no_verdict(arguments, failure, *html_target, output);
  }
  const Obtained collateral = obtain_collateral(arguments, *question, inputs, output);
  if (!collateral.collateral) {
    return no_verdict(arguments, collateral.failure, *html_target, output);
  }
  const Verification verification =
      verify_evidence(question->evidence, *collateral.collateral, question->request);
  return print_verdict(arguments, *question, *collateral.collateral, verification, *html_target,
                       output);
}

}  // namespace

constexpr Command kVerifyCommand = {
    .name = "verify",
    .summary = "verify a quote or a receipt, and say whether to accept it",
    .positional = "FILE|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_verify,
};

}  // namespace quoin::cli
