#include <unistd.h>

#include <array>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/describe_policy.h"
#include "src/cli/named_files.h"
#include "src/cli/printable.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Reads a policy, says in plain words what it accepts, and warns where that may be more than "
    "its\n"
    "owner thinks. Lists of platforms that it names are read from its own directory.\n"
    "\n"
    "With --json, the object has the members says (a list of sentences) and warnings (a list of\n"
    "{id, text}); the ids are stable.";

constexpr std::array kExamples = {
    Example{"what a policy means", "quoin policy check policy.toml"},
    Example{"only what to think about, for a program",
            "quoin policy check --json policy.toml | jq .warnings"},
};
constexpr std::array kOptions = {Option{"--json", "", "print JSON"}};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "the policy can be read; there may be warnings"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file cannot be read"},
    ExitMeaning{kExitMalformed, "the policy, or a list that it names, is malformed"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

std::string as_json(const Policy& policy) {
  Value::List says;
  for (std::string& sentence : policy_sentences(policy)) says.emplace_back(std::move(sentence));
  Value::List warnings;
  for (const PolicyWarning& warning : policy_warnings(policy)) {
    warnings.emplace_back(Value::Object{{"id", warning.id}, {"text", warning.text}});
  }
  return to_json(Value::Object{{"says", std::move(says)}, {"warnings", std::move(warnings)}});
}

std::string as_text(const Policy& policy, bool colour) {
  std::string text;
  for (const std::string& sentence : policy_sentences(policy)) text += printable(sentence) + "\n";
  for (const PolicyWarning& warning : policy_warnings(policy)) {
    text += styled(Style::warning, "warning:", colour) + " " + printable(warning.text) + "\n";
  }
  return text;
}

Result<int> check(const Arguments& arguments, Output& output) {
  const std::string_view path = TRY(arguments.only_positional("FILE"));
  Inputs inputs(STDIN_FILENO);
  const Policy policy = TRY(read_policy_file(inputs, path));
  output.data(arguments.has("--json") ? as_json(policy) : as_text(policy, output.colour()));
  return kExitOk;
}

int run_check(const Arguments& arguments, Output& output) {
  const Result<int> status = check(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace

constexpr Command kPolicyCheckCommand = {
    .name = "policy check",
    .summary = "say what a policy accepts, and warn of what is weak in it",
    .positional = "FILE|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_check,
};

}  // namespace quoin::cli
