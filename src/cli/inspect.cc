#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/receipt.h"
#include "quoin/seal.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/commands.h"
#include "src/cli/describe.h"
#include "src/cli/exit_status.h"
#include "src/cli/files.h"
#include "src/cli/recognise.h"
#include "src/x509/certificate.h"
#include "src/x509/chain.h"
#include "src/x509/crl.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Shows every field of a quote (binary, hex, base64 or PEM), a TDREPORT, a receipt, collateral\n"
    "(a bundle, TCB info, a QE identity), certificates, a CRL or an event log; the contents tell\n"
    "which. Of sealed data it shows what stands in clear: under whose root, for which policy and "
    "what.\n"
    "FILE - is standard input. Nothing is verified: quoin verify does that.\n"
    "\n"
    "With --json, the object's member \"kind\" says what it is, and the other members are the\n"
    "fields; bytes are in hex, times are RFC 3339 in UTC. A part that cannot be parsed has a "
    "member\n"
    "\"error\" instead of its fields.";

constexpr std::array kExamples = {
    Example{"what a receipt says", "quoin inspect receipt.json"},
    Example{"a TD's measurements, for a program", "quoin inspect --json quote.bin | jq .body"},
};
constexpr std::array kOptions = {Option{"--json", "", "print JSON"}};
constexpr std::array kExits = {
    ExitMeaning{kExitOk, "shown"},
    ExitMeaning{kExitUsage, "the command line is wrong, or the file cannot be read"},
    ExitMeaning{kExitMalformed, "the contents are malformed, or of no kind that quoin knows"},
    ExitMeaning{kExitOutput, "standard output could not be written"},
};

Result<Value::Object> describe_quote(ByteView bytes) {
  const Quote quote = TRY(parse_quote(bytes));
  return describe(quote);
}

Result<Value::Object> describe_bundle(ByteView json) {
  const Collateral collateral = TRY(Collateral::parse(json));
  return describe(collateral);
}

Result<Value::Object> describe_statement(ByteView payload) {
  const Statement statement = TRY(parse_statement(payload));
  return describe(statement);
}

// A part of something larger, which is shown also where this part is malformed.
Value part(Result<Value::Object> described) {
  if (described.ok()) return std::move(described).value();
  return Value::Object{{"error", described.error().what}};
}

Result<Value::Object> describe_receipt(ByteView json) {
  const Receipt receipt = TRY(parse_receipt(json));
  return Value::Object{
      {"payload_type", receipt.payload_type},
      {"statement", part(describe_statement(receipt.payload))},
      {"quote", part(describe_quote(receipt.quote))},
      {"collateral",
       receipt.collateral.empty() ? Value() : part(describe_bundle(receipt.collateral))},
  };
}

Result<Value::Object> describe_sealed(ByteView sealed) {
  const SealedHeader header = TRY(parse_sealed_header(sealed));
  Value::Object described = describe(header);
  described.emplace_back("sealed_bytes", uint64_t{sealed.size() - header.size});
  return described;
}

Result<Value::Object> describe_recognised(const Recognised& recognised) {
  switch (recognised.kind) {
    case ContentKind::quote:
      return describe_quote(recognised.bytes);
    case ContentKind::quote_bundle:
      return Value::Object{{"quote", part(describe_quote(recognised.bytes))},
                           {"collateral", part(describe_bundle(recognised.text))}};
    case ContentKind::td_report:
      return describe(TRY(parse_td_report(recognised.bytes)));
    case ContentKind::receipt:
      return describe_receipt(recognised.text);
    case ContentKind::bundle:
      return describe_bundle(recognised.text);
    case ContentKind::tcb_info:
      return describe(TRY(parse_tcb_info(recognised.text)));
    case ContentKind::qe_identity:
      return describe(TRY(parse_qe_identity(recognised.text)));
    case ContentKind::certificate:
      return describe(TRY(x509::parse_certificate(recognised.bytes)));
    case ContentKind::certificate_pem:
      return Value::Object{
          {"certificates", describe(TRY(x509::Chain::parse_pem(as_text(recognised.text))))}};
    case ContentKind::crl:
      return describe(TRY(x509::parse_crl(recognised.bytes)));
    case ContentKind::event_log:
      return describe(TRY(recognised.bytes.empty() ? CcEventLog::parse_json(recognised.text)
                                                   : CcEventLog::parse(recognised.bytes)));
    case ContentKind::sealed:
      return describe_sealed(recognised.bytes);
  }
  return Error{ErrorCode::internal, "a kind of contents without a description"};
}

// The name that --json gives it: stable.
std::string_view kind_name(ContentKind kind) {
  switch (kind) {
    case ContentKind::quote:
      return "quote";
    case ContentKind::quote_bundle:
      return "quote_with_collateral";
    case ContentKind::td_report:
      return "td_report";
    case ContentKind::receipt:
      return "receipt";
    case ContentKind::bundle:
      return "collateral";
    case ContentKind::tcb_info:
      return "tcb_info";
    case ContentKind::qe_identity:
      return "qe_identity";
    case ContentKind::certificate:
      return "certificate";
    case ContentKind::certificate_pem:
      return "certificates";
    case ContentKind::crl:
      return "crl";
    case ContentKind::event_log:
      return "event_log";
    case ContentKind::sealed:
      return "sealed";
  }
  return "";
}

int run_inspect(const Arguments& arguments, Output& output) {
  const Result<std::string_view> path = arguments.only_positional("FILE");
  if (!path.ok()) {
    output.error(path.error());
    return kExitUsage;
  }
  const Result<Bytes> file = Inputs(STDIN_FILENO).read(*path);
  if (!file.ok()) {
    output.error(file.error());
    return file.error().code == ErrorCode::too_large ? kExitMalformed : kExitUsage;
  }
  const Result<Recognised> recognised = recognise(*file);
  if (!recognised.ok()) {
    output.error(recognised.error());
    return kExitMalformed;
  }
  Result<Value::Object> fields = describe_recognised(*recognised);
  if (!fields.ok()) {
    Error error = fields.error();
    error.what = std::string(to_string(recognised->kind)) + ", by its looks: " + error.what;
    output.error(error);
    return kExitMalformed;
  }
  Value::Object all = {{"kind", kind_name(recognised->kind)}};
  for (auto& field : *fields) all.push_back(std::move(field));
  output.data(arguments.has("--json") ? to_json(all) : to_text(all));
  return kExitOk;
}

}  // namespace

constexpr Command kInspectCommand = {
    .name = "inspect",
    .summary = "show what a quote, a receipt or collateral says, field by field",
    .positional = "FILE|-",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_inspect,
};

}  // namespace quoin::cli
