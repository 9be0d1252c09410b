#include "quoin/quote.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "src/base/try.h"
#include "src/cli/commands.h"
#include "src/cli/describe.h"
#include "src/cli/files.h"
#include "src/cli/security_log.h"
#include "src/cli/sim_common.h"
#include "src/cli/system.h"
#include "src/cli/td_command.h"
#include "src/cli/value.h"
#include "src/td/secure_boot.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kQuoteDescription =
    "Asks this TD for a quote: what others verify. It is checked to be one with the report data "
    "that\n"
    "were asked for; its signatures are for quoin verify.\n"
    "\n"
    "A quote is asked of configfs-tsm, and where that does not work of the quote generation "
    "service\n"
    "on the vsock port that /etc/tdx-attest.conf names.\n"
    "\n"
    "The report data are SHA-512 over a type and your data (docs/formats.md, Report data), so "
    "that\n"
    "no data make the quote look like a receipt. Put the verifier's nonce into the data.";

constexpr std::string_view kReportDescription =
    "Asks this TD for a TDREPORT: its measurements as they are now. Only the machine that made it "
    "can\n"
    "check it; others want a quote. Without --data, the report data are zero.\n"
    "\n"
    "With --json there is also secure_boot, with local (\"on\", \"off\" or \"unknown\") and seen: "
    "what "
    "the\n"
    "firmware's variables say of Secure Boot. Nothing vouches for those; what the firmware "
    "measured "
    "of\n"
    "them is in the event log, quoin eventlog show. A simulated TD has null.";

constexpr std::array kQuoteExamples = {
    Example{"a quote of this TD over a file", "quoin quote --data message.txt --out quote.bin"},
    Example{"verify it elsewhere", "quoin verify --policy policy.toml quote.bin"},
};
constexpr std::array kReportExamples = {
    Example{"what this TD is", "quoin report --json"},
};
constexpr std::array kQuoteOptions = {
    kDataOption,
    kInsecureReportDataOption,
    Option{"--report", "FILE|-",
           "quote this TDREPORT of this TD: a QGS, else the kernel while the TD is as it was"},
    kViaOption,
    kQgsOption,
    kTimeoutOption,
    kOutOption,
    kJsonOption,
    kSecurityLogOption,
    kTdRootOption,
    kSimulateOption,
    kTdOption,
};
constexpr std::array kReportOptions = {
    kDataOption,   kInsecureReportDataOption, kOutOption, kJsonOption,
    kTdRootOption, kSimulateOption,           kTdOption,
};

// A TDREPORT and a byte, so that what is longer is seen to be.
constexpr size_t kMaxReportFileBytes = td::kTdReportBytes + 1;

// What the command line asks to have quoted.
Result<Bytes> ask_for_quote(td::Td& td, const Arguments& arguments) {
  const std::optional<ByteArray<64>> report_data = TRY(read_report_data(arguments));
  const auto report = arguments.get("--report");
  if (report && report_data) {
    return usage_error("--report has its report data in it", "leave the other option out");
  }
  if (report) {
    const Bytes td_report = TRY(Inputs(STDIN_FILENO).read(*report, kMaxReportFileBytes));
    return td.quote_report(td_report);
  }
  if (!report_data) {
    return usage_error("a quote needs something that it is about",
                       "--data FILE, or --data - for standard input");
  }
  return td.quote(*report_data);
}

SecurityEvent quote_event(const td::Td& td, const Result<Bytes>& quote) {
  if (!quote.ok()) {
    return SecurityEvent(SecurityEventId::quote_failed, now())
        .flag("simulated", td.simulated())
        .error(quote.error());
  }
  const Result<Quote> parsed = parse_quote(*quote);
  return SecurityEvent(SecurityEventId::quote_made, now())
      .flag("simulated", td.simulated())
      .bytes("report_data", parsed.ok() ? ByteView(parsed->report_data()) : ByteView());
}

Result<void> print_quote(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const SecurityLog log = TRY(open_security_log(arguments));
  const std::unique_ptr<td::Td> td = TRY(open_td(arguments, output));
  const Result<Bytes> made = ask_for_quote(*td, arguments);
  // A command line that makes no sense is no event.
  if (made.ok() || made.error().code != ErrorCode::invalid_argument) {
    TRY(log.write(quote_event(*td, made)));
  }
  const Bytes quote = TRY(made);
  if (!arguments.has("--json")) return emit(arguments, quote, output);
  const Quote parsed = TRY(parse_quote(quote));
  const std::string json = to_json(Value::Object{{"simulated", td->simulated()},
                                                 {"report_data", Value::hex(parsed.report_data())},
                                                 {"measurements", describe_measurements(parsed)},
                                                 {"quote", Value::hex(quote)}});
  return emit(arguments, as_bytes(json), output);
}

std::string_view local_name(td::Answer answer) {
  switch (answer) {
    case td::Answer::yes:
      return "on";
    case td::Answer::no:
      return "off";
    case td::Answer::unknown:
      return "unknown";
  }
  return "unknown";
}

Value local_secure_boot(const Arguments& arguments) {
  if (arguments.has("--simulate")) return Value();
  const td::Probe probe = td::local_secure_boot(linux_paths(arguments).efivars);
  return Value::Object{{"local", local_name(probe.answer)}, {"seen", probe.seen}};
}

Result<void> print_report(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const ByteArray<64> report_data = TRY(read_report_data(arguments)).value_or(ByteArray<64>{});
  const std::unique_ptr<td::Td> td = TRY(open_td(arguments, output));
  const Bytes report = TRY(td->report(report_data));
  if (!arguments.has("--json")) return emit(arguments, report, output);
  const TdReportStruct parsed = TRY(parse_td_report(report));
  const std::string json = to_json(Value::Object{{"simulated", td->simulated()},
                                                 {"fields", describe(parsed)},
                                                 {"secure_boot", local_secure_boot(arguments)},
                                                 {"report", Value::hex(report)}});
  return emit(arguments, as_bytes(json), output);
}

int run_quote(const Arguments& arguments, Output& output) {
  return finish(print_quote(arguments, output), output);
}
int run_report(const Arguments& arguments, Output& output) {
  return finish(print_report(arguments, output), output);
}

}  // namespace

constexpr Command kQuoteCommand = {
    .name = "quote",
    .summary = "ask this TD for a quote",
    .positional = "",
    .description = kQuoteDescription,
    .examples = kQuoteExamples,
    .options = kQuoteOptions,
    .exit_statuses = kTdExits,
    .run = run_quote,
};

constexpr Command kReportCommand = {
    .name = "report",
    .summary = "ask this TD for a TDREPORT",
    .positional = "",
    .description = kReportDescription,
    .examples = kReportExamples,
    .options = kReportOptions,
    .exit_statuses = kTdExits,
    .run = run_report,
};

}  // namespace quoin::cli
