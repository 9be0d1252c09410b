#include "src/cli/doctor_report.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "src/base/try.h"
#include "src/cli/exit_status.h"
#include "src/cli/printable.h"
#include "src/cli/value.h"
#include "src/cli/verdict_text.h"
#include "src/pcs/status.h"
#include "src/td/qgs_error.h"

namespace quoin::cli {
namespace {

using doctor::Finding;
using doctor::Status;

constexpr size_t kStatusColumns = 9;
constexpr size_t kIdColumns = 14;

Style style_of(Status status) {
  switch (status) {
    case Status::ok:
      return Style::good;
    case Status::warning:
      return Style::warning;
    case Status::failed:
      return Style::bad;
    case Status::unknown:
      return Style::faint;
  }
  return Style::plain;
}

std::string padded(std::string_view text, size_t columns) {
  std::string out(text);
  out.resize(std::max(columns, out.size()), ' ');
  return out;
}

std::string first_line(std::span<const Finding> findings, bool simulated, bool colour) {
  const std::string simulation = simulated ? " (SIMULATED: proves nothing to others)" : "";
  if (const Finding* first = doctor::most_fundamental(findings)) {
    return styled(style_of(first->status), doctor::name_of(first->status), colour) + ": " +
           std::string(first->id) + ": " + printable(first->cause) + simulation + "\n";
  }
  return styled(Style::good, "ok", colour) + ": nothing that was looked at is wrong" + simulation +
         "\n";
}

std::string rows(const Finding& finding, bool colour) {
  const bool is_known = finding.status != Status::unknown;
  const std::string& text = is_known ? finding.seen : finding.cause;
  const size_t left = kStatusColumns + kIdColumns;
  std::string out = styled(style_of(finding.status),
                           padded(doctor::name_of(finding.status), kStatusColumns), colour) +
                    padded(finding.id, kIdColumns) +
                    shortened(printable(text), kScreenColumns - left) + "\n";
  if (!is_known || finding.status == Status::ok) return out;
  const std::string margin(kStatusColumns, ' ');
  out += margin + padded("because", kIdColumns) + printable(finding.cause) + "\n";
  out += margin + padded("mend", kIdColumns) + printable(finding.mend) + "\n";
  return out;
}

Value describe(const Finding& finding) {
  return Value::Object{{"id", finding.id},
                       {"status", doctor::name_of(finding.status)},
                       {"seen", finding.seen},
                       {"cause", finding.cause},
                       {"mend", finding.mend}};
}

struct Explanation {
  std::string number;
  std::string name;
  std::string what;
  std::string mend;
};

constexpr uint32_t kLastAttestCode = 0xff;
constexpr uint32_t kFirstHttpStatus = 100;
constexpr uint32_t kLastHttpStatus = 599;

Result<Explanation> explain(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = is_hex ? text.substr(2) : text;
  uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), code, is_hex ? 16 : 10);
  if (digits.empty() || error != std::errc() || end != digits.end()) {
    return usage_error("--explain " + std::string(text) + ": not understood",
                       "wanted a number: 0xe019, 57369 or 461");
  }
  if (!is_hex && code >= kFirstHttpStatus && code <= kLastHttpStatus) {
    const Error status = pcs::status_error(code);
    return Explanation{std::string(text), "HTTP status", status.what, status.hint};
  }
  td::QgsErrorText known =
      code <= kLastAttestCode ? td::attest_error_text(code) : td::qgs_error_text(code);
  return Explanation{std::string(text), std::move(known.name), std::move(known.what),
                     std::move(known.hint)};
}

Result<std::string> explain_all(const Arguments& arguments) {
  Value::List list;
  std::string text;
  for (const std::string_view number : arguments.all("--explain")) {
    const Explanation explanation = TRY(explain(number));
    list.emplace_back(Value::Object{{"number", explanation.number},
                                    {"name", explanation.name},
                                    {"what", explanation.what},
                                    {"mend", explanation.mend}});
    text += explanation.number + ": " + explanation.name + ": " + explanation.what + "\n" +
            padded("  mend", kStatusColumns) + explanation.mend + "\n";
  }
  return arguments.has("--json") ? to_json(list) : text;
}

}  // namespace

std::string doctor_text(std::span<const Finding> findings, bool simulated, bool colour) {
  std::string text = first_line(findings, simulated, colour) + "\n";
  for (const Finding& finding : findings) text += rows(finding, colour);
  return text;
}

std::string doctor_json(std::span<const Finding> findings, bool simulated) {
  const Finding* first = doctor::most_fundamental(findings);
  Value::List list;
  for (const Finding& finding : findings) list.push_back(describe(finding));
  return to_json(Value::Object{{"healthy", doctor::is_healthy(findings)},
                               {"simulated", simulated},
                               {"first", first == nullptr ? Value() : describe(*first)},
                               {"findings", std::move(list)}});
}

int explain_numbers(const Arguments& arguments, Output& output) {
  const Result<std::string> text = explain_all(arguments);
  if (!text.ok()) {
    output.error(text.error());
    return kExitUsage;
  }
  output.data(*text);
  return output.failed() ? kExitOutput : kExitOk;
}

}  // namespace quoin::cli
