#include "src/cli/verdict_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/base/text.h"
#include "src/cli/output.h"
#include "src/cli/printable.h"

namespace quoin::cli {
namespace {

constexpr size_t kLabelColumns = 15;
// What was seen may take so many lines, and so may what was wanted and what to do.
constexpr size_t kLinesPerText = 2;
// The most that a check takes.
constexpr size_t kLinesPerCheck = 1 + 3 * kLinesPerText;

// `text` in at most `max_lines` lines of `columns`, broken at blanks where there are any.
std::vector<std::string> wrapped(std::string text, size_t columns, size_t max_lines) {
  std::vector<std::string> lines;
  while (text.size() > columns && lines.size() + 1 < max_lines) {
    const size_t blank = text.rfind(' ', columns);
    const bool can_break = blank != std::string::npos && blank > 0;
    lines.push_back(text.substr(0, can_break ? blank : columns));
    text.erase(0, can_break ? blank + 1 : columns);
  }
  lines.push_back(shortened(text, columns));
  return lines;
}

class Lines {
 public:
  explicit Lines(bool colour) : colour_(colour) {}

  void add(std::string_view text, Style style = Style::plain) {
    lines_.push_back(styled(style, shortened(printable(text), kScreenColumns), colour_));
  }

  void blank() { lines_.emplace_back(); }

  // "  label          text".
  void fact(std::string_view label, std::string_view text, Style style = Style::plain) {
    add_fact(label, printable(text), style);
  }

  // The same on as many lines as a check's text may take.
  void long_fact(std::string_view label, std::string_view text) {
    std::string_view shown = label;
    for (const std::string& line :
         wrapped(printable(text), kScreenColumns - 2 - kLabelColumns, kLinesPerText)) {
      add_fact(shown, line, Style::plain);
      shown = "";
    }
  }

  // A digest of 48 bytes takes a line of its own.
  void measurement(std::string_view label, ByteView value) {
    if (all_zero(value)) return fact(label, "all zero");
    const std::string hex = to_hex(value);
    if (hex.size() + 2 + kLabelColumns <= kScreenColumns) return fact(label, hex);
    lines_.push_back("  " + std::string(label));
    lines_.push_back("    " + hex);
  }

  void append(Lines other) { std::ranges::move(other.lines_, std::back_inserter(lines_)); }

  size_t count() const { return lines_.size(); }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines_) all += line + "\n";
    return all;
  }

 private:
  // `text` is printable.
  void add_fact(std::string_view label, std::string_view text, Style style) {
    std::string line = "  " + std::string(label);
    line.resize(std::max(line.size() + 1, 2 + kLabelColumns), ' ');
    const std::string shown = shortened(text, kScreenColumns - line.size());
    lines_.push_back(line + styled(style, shown, colour_));
  }

  bool colour_;
  std::vector<std::string> lines_;
};

void add_headline(Lines& lines, const Verification& verification) {
  if (verification.accepted) {
    lines.add("ACCEPTED: genuine, and all that was asked of it holds", Style::good);
  } else if (verification.unpinned) {
    lines.add("GENUINE, NOT ACCEPTED: no policy pins what ran", Style::warning);
  } else if (const Check* reason = verification.reason()) {
    lines.add("REFUSED: " + std::string(reason->id) + ": " + reason->seen, Style::bad);
  } else {
    lines.add("REFUSED", Style::bad);
  }
  if (verification.simulated) {
    lines.add("SIMULATED: proves nothing to others", Style::warning);
  }
}

void add_platform(Lines& lines, const Verdict& verdict) {
  std::string status = "could not be determined";
  if (verdict.tcb_status) status = to_string(*verdict.tcb_status);
  if (verdict.tcb_date) status += ", TCB of " + to_string(*verdict.tcb_date).substr(0, 10);
  lines.fact("tcb status", status);
  if (verdict.tcb_status) {
    lines.fact("advisories",
               verdict.advisory_ids.empty() ? "none" : joined(verdict.advisory_ids, " "));
  }
  if (verdict.platform) {
    lines.fact("platform", "FMSPC " + to_hex(verdict.platform->fmspc) + ", PPID " +
                               to_hex(verdict.platform->ppid));
  }
}

void add_measurements(Lines& lines, const Quote& quote) {
  if (const TdReport10* report = quote.td_report()) {
    lines.measurement("mr_td", report->mr_td);
    lines.measurement("rtmr0", report->rtmr0);
    lines.measurement("rtmr1", report->rtmr1);
    lines.measurement("rtmr2", report->rtmr2);
    lines.measurement("rtmr3", report->rtmr3);
  }
  if (const EnclaveReport* report = quote.enclave_report()) {
    lines.measurement("mr_enclave", report->mr_enclave);
    lines.measurement("mr_signer", report->mr_signer);
  }
}

std::string outcome_text(const RunOutcome& outcome) {
  if (outcome.kind == "exited") return "exited with " + std::to_string(outcome.exit_status);
  return outcome.detail.empty() ? outcome.kind : outcome.kind + ": " + outcome.detail;
}

std::string content_text(const Content& content) {
  return to_hex(content.sha256) + " (" + std::to_string(content.size) + " bytes)";
}

void add_statement(Lines& lines, const Statement& statement) {
  lines.fact("module", statement.module_name);
  lines.fact("", to_hex(statement.module_sha256));
  if (!statement.arguments.empty()) lines.fact("arguments", joined(statement.arguments, " "));
  lines.fact("outcome", outcome_text(statement.outcome));
  lines.fact("stdin", content_text(statement.standard_input));
  lines.fact("stdout", content_text(statement.standard_output));
  lines.fact("files", std::to_string(statement.inputs.size()) + " read, " +
                          std::to_string(statement.outputs.size()) + " written" +
                          (statement.inputs.empty() && statement.outputs.empty()
                               ? ""
                               : " (quoin inspect lists them)"));
  lines.fact("nonce", statement.nonce ? to_hex(*statement.nonce) : "none");
  lines.fact("ran", to_string(statement.started) + " to " + to_string(statement.finished) +
                        " (its claim)");
}

void add_times(Lines& lines, const Verification& verification) {
  if (verification.verdict.valid_until) {
    lines.fact("valid until", to_string(*verification.verdict.valid_until));
  }
  lines.fact("verified at",
             to_string(verification.at) + (verification.at_is_claimed ? " (your claim)" : ""));
}

void add_check(Lines& lines, const Check& check) {
  lines.add(std::string(check.passed ? "passed: " : "not passed: ")
                .append(check.id)
                .append(" (")
                .append(check.rule)
                .append(")"),
            check.passed ? Style::plain : Style::bad);
  lines.long_fact("seen", check.seen);
  lines.long_fact("wanted", check.wanted);
  if (!check.advice.empty()) lines.long_fact("what to do", check.advice);
}

// The checks that did not pass, as many as fit into `room` lines.
Lines failed_checks(const Verification& verification, bool colour, size_t room) {
  Lines lines(colour);
  size_t left_out = 0;
  for (const Check& check : verification.checks) {
    if (check.passed) continue;
    if (lines.count() + kLinesPerCheck + 1 > room) {
      ++left_out;
    } else {
      add_check(lines, check);
    }
  }
  if (left_out > 0) {
    lines.add(std::to_string(left_out) + " more did not pass: --verbose shows all");
  }
  return lines;
}

}  // namespace

std::string verdict_text(const Evidence& evidence, const Verification& verification,
                         const VerdictTextOptions& options) {
  Lines facts(options.colour);
  add_platform(facts, verification.verdict);
  add_measurements(facts, evidence.quote);
  if (evidence.statement) add_statement(facts, *evidence.statement);
  add_times(facts, verification);
  const auto passed = std::ranges::count(verification.checks, true, &Check::passed);
  facts.fact("checks", std::to_string(passed) + " of " +
                           std::to_string(verification.checks.size()) + " passed");

  Lines lines(options.colour);
  add_headline(lines, verification);
  if (options.verbose) {
    for (const Check& check : verification.checks) add_check(lines, check);
  } else {
    // One line is for the blank one.
    const size_t room = kScreenLines - lines.count() - facts.count() - 1;
    lines.append(failed_checks(verification, options.colour, room));
  }
  lines.blank();
  lines.append(std::move(facts));
  return lines.text();
}

}  // namespace quoin::cli
