#include <unistd.h>

#include <algorithm>
#include <array>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/policy_case.h"
#include "src/cli/printable.h"
#include "src/cli/system.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Says which evidence changes its answer when a policy is replaced, and why: the checks that "
    "go\n"
    "another way. DIR holds evidence (quotes, receipts, quotes with collateral in one JSON file),\n"
    "verified as of --at with the collateral in it, else that of --collateral; and cases as for\n"
    "quoin policy test, which say their own time and collateral. Files of other kinds are passed\n"
    "over, and counted.\n"
    "\n"
    "With --json, the object has the members unchanged, changed, not_judged and passed_over\n"
    "(numbers), and evidence, a list of {name, before, after, changed, checks, error}; checks is "
    "a\n"
    "list of {id, passed_before, passed_after, seen, wanted_before, wanted_after}.";

constexpr std::array kExamples = {
    Example{"before a new policy goes into production",
            "quoin policy diff old.toml new.toml --evidence receipts"},
};
constexpr std::array kOptions = {
    Option{"--evidence", "DIR", "the directory of the evidence"},
    Option{"--collateral", "FILE", "for evidence that comes without (a JSON bundle)"},
    Option{"--at", "TIME", "verify at this time: seconds since 1970, or RFC 3339"},
    kTrustRootOption,
    kTrustSimulatorOption,
    Option{"--json", "", "print JSON"},
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "no answer changes"},
    ExitMeaning{kExitRefused, "an answer changes"},
    ExitMeaning{kExitUsage,
                "the command line is wrong, a file cannot be read, or there is no evidence"},
    ExitMeaning{kExitMalformed,
                "a policy is malformed; or no answer changes, and some evidence "
                "could not be judged"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// A check that goes another way under the new policy.
struct Change {
  std::string id;
  bool passed_before = false;
  bool passed_after = false;
  std::string seen;
  std::string wanted_before;
  std::string wanted_after;
};

struct Comparison {
  std::string name;
  std::string before;
  std::string after;
  bool changed = false;
  std::vector<Change> changes;
  std::string error;  // why it was not judged
};

struct Summary {
  std::vector<Comparison> evidence;
  size_t passed_over = 0;

  size_t changed() const { return count(&Comparison::changed); }
  size_t not_judged() const {
    return count([](const Comparison& comparison) { return !comparison.error.empty(); });
  }

 private:
  template <typename Predicate>
  size_t count(Predicate predicate) const {
    return static_cast<size_t>(std::ranges::count_if(evidence, predicate));
  }
};

// Both policies, and the roots that are trusted besides theirs.
struct Judges {
  Policy before;
  Policy after;
  std::vector<TrustRoot> trust_roots;
};

// A check that one of the policies does not have has passed there.
std::vector<Change> changes(const Verification& before, const Verification& after) {
  std::vector<Change> found;
  const auto add = [&found](const Check* old_check, const Check* new_check) {
    const bool passed_before = old_check == nullptr || old_check->passed;
    const bool passed_after = new_check == nullptr || new_check->passed;
    if (passed_before == passed_after) return;
    const Check& either = new_check != nullptr ? *new_check : *old_check;
    found.push_back({.id = std::string(either.id),
                     .passed_before = passed_before,
                     .passed_after = passed_after,
                     .seen = passed_after && old_check != nullptr ? old_check->seen : either.seen,
                     .wanted_before = old_check != nullptr ? old_check->wanted : "anything",
                     .wanted_after = new_check != nullptr ? new_check->wanted : "anything"});
  };
  const auto find = [](const Verification& verification, std::string_view id) -> const Check* {
    const auto check = std::ranges::find(verification.checks, id, &Check::id);
    return check == verification.checks.end() ? nullptr : &*check;
  };
  for (const Check& check : before.checks) add(&check, find(after, check.id));
  for (const Check& check : after.checks) {
    if (find(before, check.id) == nullptr) add(nullptr, &check);
  }
  return found;
}

Comparison compare(std::string name, const Result<PolicyCase>& policy_case, const Judges& judges) {
  Comparison comparison;
  comparison.name = std::move(name);
  if (!policy_case.ok()) {
    comparison.error = policy_case.error().what;
    return comparison;
  }
  const Verification before = judge(*policy_case, judges.before, judges.trust_roots);
  const Verification after = judge(*policy_case, judges.after, judges.trust_roots);
  comparison.before = answer_text(before);
  comparison.after = answer_text(after);
  comparison.changed = before.accepted != after.accepted;
  comparison.changes = changes(before, after);
  return comparison;
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Result<Summary> compare_all(const std::string& directory, ByteView collateral, UtcTime at,
                            const Judges& judges) {
  Summary summary;
  for (const CaseFile& file : TRY(list_cases(directory))) {
    summary.evidence.push_back(compare(file.name, read_case(file), judges));
  }
  for (const std::string& path : TRY(list_files(directory))) {
    const Result<PolicyCase> evidence = read_bare_evidence(path, at, collateral);
    // Collateral, an event log, a text: read_evidence() says so of what is no evidence.
    const bool other = !evidence.ok() && (evidence.error().code == ErrorCode::invalid_argument ||
                                          evidence.error().code == ErrorCode::unsupported);
    if (other) {
      ++summary.passed_over;
    } else {
      summary.evidence.push_back(compare(file_name(path), evidence, judges));
    }
  }
  return summary;
}

void print_text(const Summary& summary, Output& output) {
  for (const Comparison& comparison : summary.evidence) {
    const std::string name = printable(comparison.name);
    if (!comparison.error.empty()) {
      output.data("not judged: " + name + ": " + printable(comparison.error) + "\n");
    }
    if (!comparison.changed) continue;
    output.data(styled(Style::warning, "changed", output.colour()) + ": " + name + ": " +
                printable(comparison.before) + ", then " + printable(comparison.after) + "\n");
    for (const Change& change : comparison.changes) {
      output.data("  " + printable(change.id) + ": seen " + printable(change.seen) + "; wanted " +
                  printable(change.wanted_before) + ", then " + printable(change.wanted_after) +
                  "\n");
    }
  }
  const size_t changed = summary.changed();
  const size_t not_judged = summary.not_judged();
  output.data(std::to_string(summary.evidence.size() - changed - not_judged) + " unchanged, " +
              std::to_string(changed) + " changed, " + std::to_string(not_judged) +
              " not judged, " + std::to_string(summary.passed_over) + " files passed over\n");
}

Value change_value(const Change& change) {
  return Value::Object{{"id", change.id},
                       {"passed_before", change.passed_before},
                       {"passed_after", change.passed_after},
                       {"seen", change.seen},
                       {"wanted_before", change.wanted_before},
                       {"wanted_after", change.wanted_after}};
}

void print_json(const Summary& summary, Output& output) {
  const auto text = [](const std::string& words) { return words.empty() ? Value() : Value(words); };
  Value::List evidence;
  for (const Comparison& comparison : summary.evidence) {
    Value::List checks;
    for (const Change& change : comparison.changes) checks.push_back(change_value(change));
    evidence.emplace_back(Value::Object{{"name", comparison.name},
                                        {"before", text(comparison.before)},
                                        {"after", text(comparison.after)},
                                        {"changed", comparison.changed},
                                        {"checks", std::move(checks)},
                                        {"error", text(comparison.error)}});
  }
  const size_t changed = summary.changed();
  const size_t not_judged = summary.not_judged();
  output.data(to_json(Value::Object{{"unchanged", summary.evidence.size() - changed - not_judged},
                                    {"changed", changed},
                                    {"not_judged", not_judged},
                                    {"passed_over", summary.passed_over},
                                    {"evidence", std::move(evidence)}}));
}

Result<int> diff(const Arguments& arguments, Output& output) {
  const auto paths = arguments.positional();
  if (paths.size() != 2) return usage_error("needs OLD and NEW", "--help shows examples");
  const auto directory = arguments.get("--evidence");
  if (!directory) return usage_error("needs --evidence DIR", "--help shows examples");
  UtcTime at = now();
  if (const auto time = arguments.get("--at")) at = TRY(parse_time("--at", *time));
  Inputs inputs(STDIN_FILENO);
  const Judges judges = {.before = TRY(read_policy_file(inputs, paths[0])),
                         .after = TRY(read_policy_file(inputs, paths[1])),
                         .trust_roots = TRY(read_trust_roots(arguments, inputs))};
  Bytes collateral;
  if (const auto path = arguments.get("--collateral")) collateral = TRY(read_named(inputs, *path));
  const Summary summary = TRY(compare_all(std::string(*directory), collateral, at, judges));
  if (summary.evidence.empty()) {
    return usage_error("there is no evidence in " + std::string(*directory),
                       "it wants quotes, receipts, or cases");
  }
  if (arguments.has("--json")) {
    print_json(summary, output);
  } else {
    print_text(summary, output);
  }
  if (summary.changed() > 0) return kExitRefused;
  return summary.not_judged() > 0 ? kExitMalformed : kExitOk;
}

int run_diff(const Arguments& arguments, Output& output) {
  const Result<int> status = diff(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace

constexpr Command kPolicyDiffCommand = {
    .name = "policy diff",
    .summary = "say which evidence changes its answer under a new policy, and why",
    .positional = "OLD NEW",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_diff,
};

}  // namespace quoin::cli
