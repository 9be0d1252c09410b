#include <unistd.h>

#include <algorithm>
#include <array>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/named_files.h"
#include "src/cli/policy_case.h"
#include "src/cli/printable.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Holds a policy to what its owner expects of it. Each case stands in DIR, as NAME.case.json "
    "or\n"
    "NAME/case.json: evidence, collateral (unless it is in the evidence) and event_log name files\n"
    "beside it; at is the time of verification; expect is accepted, or refused with a reason, the\n"
    "id of the first check that must not pass (docs/formats.md).\n"
    "\n"
    "With --json, the object has the members passed and failed (numbers), and cases, a list of\n"
    "{name, passed, wanted, answer, error}; answer is null where a case cannot be read, and error\n"
    "says why.";

constexpr std::array kExamples = {
    Example{"in CI, beside the policy", "quoin policy test policy.toml --cases policy-cases"},
    Example{"with cases that a simulator made",
            "quoin policy test --trust-simulator policy.toml --cases policy-cases"},
};
constexpr std::array kOptions = {
    Option{"--cases", "DIR", "the directory of the cases"},
    kTrustRootOption,
    kTrustSimulatorOption,
    Option{"--json", "", "print JSON"},
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "every answer is the one that was expected"},
    ExitMeaning{kExitRefused, "an answer is another, or a case cannot be read"},
    ExitMeaning{kExitUsage,
                "the command line is wrong, a file cannot be read, or there is no case"},
    ExitMeaning{kExitMalformed, "the policy is malformed"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

struct Outcome {
  std::string name;
  bool passed = false;
  std::string wanted;
  std::string answer;  // empty where there is an error
  std::string error;
};

Outcome try_case(const CaseFile& file, const Policy& policy,
                 const std::vector<TrustRoot>& trust_roots) {
  Outcome outcome;
  outcome.name = file.name;
  const Result<PolicyCase> policy_case = read_case(file);
  if (!policy_case.ok()) {
    outcome.error = policy_case.error().what;
    return outcome;
  }
  const Expectation& wanted = policy_case->expectation;
  outcome.wanted = answer_text(wanted.accepted, wanted.reason);
  outcome.answer = answer_text(judge(*policy_case, policy, trust_roots));
  outcome.passed = outcome.answer == outcome.wanted;
  return outcome;
}

void print_text(const std::vector<Outcome>& outcomes, Output& output) {
  size_t failed = 0;
  for (const Outcome& outcome : outcomes) {
    const std::string name = printable(outcome.name);
    if (outcome.passed) {
      output.data(styled(Style::good, "passed", output.colour()) + ": " + name + ": " +
                  printable(outcome.answer) + "\n");
      continue;
    }
    ++failed;
    output.data(styled(Style::bad, "FAILED", output.colour()) + ": " + name + ": " +
                printable(outcome.error.empty() ? outcome.answer + ", wanted " + outcome.wanted
                                                : outcome.error) +
                "\n");
  }
  output.data(std::to_string(outcomes.size() - failed) + " passed, " + std::to_string(failed) +
              " failed\n");
}

void print_json(const std::vector<Outcome>& outcomes, Output& output) {
  const auto text = [](const std::string& words) { return words.empty() ? Value() : Value(words); };
  Value::List cases;
  uint64_t passed = 0;
  for (const Outcome& outcome : outcomes) {
    passed += outcome.passed ? 1u : 0u;
    cases.emplace_back(Value::Object{{"name", outcome.name},
                                     {"passed", outcome.passed},
                                     {"wanted", text(outcome.wanted)},
                                     {"answer", text(outcome.answer)},
                                     {"error", text(outcome.error)}});
  }
  output.data(to_json(Value::Object{
      {"passed", passed}, {"failed", outcomes.size() - passed}, {"cases", std::move(cases)}}));
}

Result<int> test(const Arguments& arguments, Output& output) {
  const std::string_view path = TRY(arguments.only_positional("FILE"));
  const auto directory = arguments.get("--cases");
  if (!directory) return usage_error("needs --cases DIR", "--help shows examples");
  Inputs inputs(STDIN_FILENO);
  const Policy policy = TRY(read_policy_file(inputs, path));
  const std::vector<TrustRoot> trust_roots = TRY(read_trust_roots(arguments, inputs));
  const std::vector<CaseFile> files = TRY(list_cases(std::string(*directory)));
  // A test of nothing must not pass.
  if (files.empty()) {
    return usage_error("there is no case in " + std::string(*directory),
                       "cases are called NAME.case.json or NAME/case.json");
  }
  std::vector<Outcome> outcomes;
  for (const CaseFile& file : files) outcomes.push_back(try_case(file, policy, trust_roots));
  if (arguments.has("--json")) {
    print_json(outcomes, output);
  } else {
    print_text(outcomes, output);
  }
  const bool all_passed = std::ranges::all_of(outcomes, &Outcome::passed);
  return all_passed ? kExitOk : kExitRefused;
}

int run_test(const Arguments& arguments, Output& output) {
  const Result<int> status = test(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace

constexpr Command kPolicyTestCommand = {
    .name = "policy test",
    .summary = "hold a policy to the answers that its owner expects",
    .positional = "FILE",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_test,
};

}  // namespace quoin::cli
