#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/describe.h"
#include "src/cli/event_log_file.h"
#include "src/cli/evidence.h"
#include "src/cli/named_files.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Computes RTMR0 to RTMR3 from an event log, and with --quote compares them with a quote's. LOG "
    "is\n"
    "what the kernel has as /sys/firmware/acpi/tables/data/CCEL, or JSON as dstack's tools write "
    "it.\n"
    "\n"
    "The exit status is about RTMR0 to RTMR2, what was booted. RTMR3 is the services' own, and a "
    "CCEL\n"
    "knows nothing of it: where the log has no event for it and the quote's is not zero, there is "
    "no\n"
    "answer. Whether the quote is genuine is not looked at: quoin verify does that.\n"
    "\n"
    "With --json, the object has the members rtmr (four registers, in hex), matches (for each "
    "true,\n"
    "false, or null where there is no answer), quote_rtmr (the quote's four, or null), "
    "secure_boot\n"
    "(on, off, not_logged or not_known: as logged, so only as good as the match of RTMR0) and\n"
    "data_differs (numbers of events whose data is not what was measured).";

constexpr std::array kExamples = {
    Example{"does the log say what the quote says?",
            "quoin eventlog replay --quote quote.bin ccel.bin"},
    Example{"the registers that a log gives", "quoin eventlog replay --json ccel.bin | jq .rtmr"},
};
constexpr std::array kOptions = {
    Option{"--quote", "FILE", "a quote, or a receipt, whose registers must be those of the log"},
    Option{"--table", "FILE", "the ACPI table CCEL, which must be TDX's and fit the log"},
    Option{"--json", "", "print JSON"},
};
constexpr std::array kExits = {
    ExitMeaning{kExitOk,
                "the log can be replayed; RTMR0 to RTMR2 are the quote's, if there is one"},
    ExitMeaning{kExitRefused, "RTMR0, RTMR1 or RTMR2 is not the quote's"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file cannot be read"},
    ExitMeaning{kExitMalformed, "the log, the table or the quote is malformed"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

// Registers that say what was booted: RTMR0 to RTMR2.
constexpr size_t kBootRtmrs = 3;

// What the command found out.
struct Replay {
  CcEventLog log;
  std::optional<Rtmrs> quoted;
  std::array<std::optional<bool>, kRtmrCount> matches;
};

Result<Rtmrs> read_quoted(Inputs& inputs, std::string_view path) {
  const Bytes file = TRY(read_named(inputs, path));
  const Result<Evidence> evidence = read_evidence(file);
  if (!evidence.ok()) return in_file(path, evidence.error());
  const TdReport10* const report = evidence->quote.td_report();
  if (report == nullptr) {
    return usage_error(std::string(path) + ": this is an SGX enclave's quote: it has no RTMRs",
                       "name the TD's quote");
  }
  return Rtmrs{report->rtmr0, report->rtmr1, report->rtmr2, report->rtmr3};
}

Replay compare(CcEventLog log, std::optional<Rtmrs> quoted) {
  Replay replay{std::move(log), quoted, {}};
  if (!quoted) return replay;
  for (size_t i = 0; i < kRtmrCount; ++i) {
    replay.matches[i] = replay.log.replayed_rtmrs()[i] == (*quoted)[i];
  }
  constexpr size_t kRtmr3 = 3;
  if (!replay.log.extends(kRtmr3) && !all_zero((*quoted)[kRtmr3])) {
    replay.matches[kRtmr3] = std::nullopt;
  }
  return replay;
}

bool boot_matches(const Replay& replay) {
  return !replay.quoted ||
         std::ranges::all_of(std::span(replay.matches).first(kBootRtmrs),
                             [](const auto& match) { return match.value_or(false); });
}

// Events whose data is another than was measured.
std::vector<size_t> differing(const CcEventLog& log) {
  std::vector<size_t> numbers;
  for (size_t i = 0; i < log.events().size(); ++i) {
    if (data_is_measured(log.events()[i]) == DataMeasured::no) numbers.push_back(i);
  }
  return numbers;
}

std::string as_json(const Replay& replay) {
  Value::List matches;
  for (const std::optional<bool>& match : replay.matches) {
    matches.emplace_back();
    if (match) matches.back() = *match;
  }
  Value::List numbers;
  for (const size_t number : differing(replay.log)) numbers.emplace_back(number);
  return to_json(Value::Object{
      {"rtmr", describe(replay.log.replayed_rtmrs())},
      {"matches", replay.quoted ? Value(std::move(matches)) : Value()},
      {"quote_rtmr", replay.quoted ? Value(describe(*replay.quoted)) : Value()},
      {"secure_boot", secure_boot_name(secure_boot_from_log(replay.log).state)},
      {"data_differs", std::move(numbers)},
  });
}

std::string register_text(const Replay& replay, size_t i, bool colour) {
  const std::string name = "RTMR" + std::to_string(i) + "  ";
  const std::string got = to_hex(replay.log.replayed_rtmrs()[i]);
  if (!replay.quoted) return name + got + "\n";
  if (replay.matches[i].value_or(false)) {
    return name + got + "  " + styled(Style::good, "matches", colour) + "\n";
  }
  const std::string expected = to_hex((*replay.quoted)[i]);
  if (!replay.matches[i]) return name + expected + "  in the quote; the log has no event for it\n";
  return name + styled(Style::bad, "DIFFERS", colour) + "\n  expected, by the quote  " + expected +
         "\n  got, from the log       " + got + "\n";
}

std::string as_text(const Replay& replay, bool colour) {
  std::string text;
  for (size_t i = 0; i < kRtmrCount; ++i) text += register_text(replay, i, colour);
  text += "\n";
  text += secure_boot_sentence(secure_boot_from_log(replay.log).state);
  text += "\n";
  for (const size_t number : differing(replay.log)) {
    text += styled(Style::warning, "warning:", colour) + " event " + std::to_string(number) +
            ": its data is not what was measured\n";
  }
  return text;
}

Result<int> replay_log(const Arguments& arguments, Output& output) {
  Inputs inputs(STDIN_FILENO);
  CcEventLog log = TRY(read_cc_event_log(inputs, arguments));
  std::optional<Rtmrs> quoted;
  if (const auto path = arguments.get("--quote")) quoted = TRY(read_quoted(inputs, *path));
  const Replay replay = compare(std::move(log), quoted);
  output.data(arguments.has("--json") ? as_json(replay) : as_text(replay, output.colour()));
  return boot_matches(replay) ? kExitOk : kExitRefused;
}

int run_replay(const Arguments& arguments, Output& output) {
  const Result<int> status = replay_log(arguments, output);
  if (status.ok()) return *status;
  output.error(status.error());
  return exit_status_of(status.error().code);
}

}  // namespace

constexpr Command kEventlogReplayCommand = {
    .name = "eventlog replay",
    .summary = "compute RTMRs from an event log, and compare them with a quote's",
    .positional = "LOG|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_replay,
};

}  // namespace quoin::cli
