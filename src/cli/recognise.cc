#include "src/cli/recognise.h"

#include <algorithm>
#include <optional>
#include <string>

#include "src/base/base64.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/seal/header.h"
#include "src/x509/crl.h"
#include "src/x509/pem.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kPemBegin = "-----BEGIN ";
constexpr size_t kTdReportBytes = 1024;
constexpr uint8_t kTdReportType = 0x81;
constexpr uint8_t kDerSequence = 0x30;
// Where a CCEL's first event has its data, and how that begins.
constexpr size_t kSpecIdOffset = 32;
constexpr std::string_view kSpecId = "Spec ID Event";

constexpr JsonLimits kJsonLimits = {
    .max_bytes = size_t{16} << 20, .max_depth = 32, .max_values = 1'000'000};

Bytes copied(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string without_blanks(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out),
                       [](char c) { return kBlanks.find(c) == std::string_view::npos; });
  return out;
}

// Bytes that are written in hex or base64. Every hex text of a sensible length is base64 too, so
// hex is looked for first.
std::optional<Bytes> decoded(std::string_view text) {
  std::string digits = without_blanks(text);
  if (digits.empty()) return std::nullopt;
  std::string_view hex_digits = digits;
  if (hex_digits.starts_with("0x") || hex_digits.starts_with("0X")) hex_digits.remove_prefix(2);
  if (Result<Bytes> bytes = from_hex(hex_digits); bytes.ok()) return std::move(bytes).value();
  if (Result<Bytes> bytes = from_base64(digits); bytes.ok()) return std::move(bytes).value();
  return std::nullopt;
}

Error not_recognised(std::string what) {
  return {ErrorCode::malformed, std::move(what),
          "quoin reads quotes (binary, hex, base64, PEM), TDREPORTs, receipts, collateral, "
          "certificates, CRLs, event logs and sealed data"};
}

Result<Recognised> recognise_binary(ByteView bytes) {
  if (bytes.size() == kTdReportBytes && bytes[0] == kTdReportType) {
    return Recognised{ContentKind::td_report, Bytes(bytes.begin(), bytes.end()), {}};
  }
  if (bytes.size() >= 2 && bytes[0] >= 3 && bytes[0] <= 5 && bytes[1] == 0) {
    return Recognised{ContentKind::quote, Bytes(bytes.begin(), bytes.end()), {}};
  }
  if (bytes.size() > kSpecIdOffset && as_text(bytes.subspan(kSpecIdOffset)).starts_with(kSpecId)) {
    return Recognised{ContentKind::event_log, Bytes(bytes.begin(), bytes.end()), {}};
  }
  if (as_text(bytes).starts_with(kSealMagic)) {
    return Recognised{ContentKind::sealed, Bytes(bytes.begin(), bytes.end()), {}};
  }
  if (!bytes.empty() && bytes[0] == kDerSequence) {
    const bool is_crl = x509::parse_crl(bytes).ok();
    return Recognised{is_crl ? ContentKind::crl : ContentKind::certificate,
                      Bytes(bytes.begin(), bytes.end()),
                      {}};
  }
  return not_recognised("not a kind of file that quoin knows");
}

// The one block of a PEM text, under that label.
Result<Bytes> only_block(std::string_view text, std::string_view label) {
  return std::move(TRY(x509::parse_pem(text, label, 1)).front());
}

Result<Recognised> recognise_pem(std::string_view text) {
  const size_t begin = kPemBegin.size();
  const size_t end = text.find("-----", begin);
  if (end == std::string_view::npos) return not_recognised("a PEM label without an end");
  const std::string_view label = text.substr(begin, end - begin);
  if (label == "CERTIFICATE") return Recognised{ContentKind::certificate_pem, {}, copied(text)};
  if (label == "X509 CRL") return Recognised{ContentKind::crl, TRY(only_block(text, label)), {}};
  if (label.ends_with("QUOTE")) {
    return Recognised{ContentKind::quote, TRY(only_block(text, label)), {}};
  }
  return not_recognised("PEM of a kind that quoin does not know: " + std::string(label));
}

// The object that Intel signs, from the response of the PCS that holds it under `name`.
Result<Recognised> signed_object(const JsonValue& root, std::string_view name, ContentKind kind) {
  return Recognised{kind, {}, copied(TRY(root.get(name)).raw())};
}

Result<Recognised> recognise_json(std::string_view text) {
  const JsonDocument document = TRY(JsonDocument::parse(as_bytes(text), kJsonLimits));
  const JsonValue root = document.root();
  if (root.has("payloadType")) return Recognised{ContentKind::receipt, {}, copied(text)};
  if (root.has("quote")) {
    const JsonValue quote = TRY(root.get("quote"));
    std::optional<Bytes> bytes = decoded(TRY(quote.string()));
    if (!bytes) return malformed("the member \"quote\" is neither hex nor base64");
    return Recognised{ContentKind::quote_bundle, std::move(*bytes), copied(text)};
  }
  if (root.has("tcb_info") || root.has("pck_crl")) {
    return Recognised{ContentKind::bundle, {}, copied(text)};
  }
  if (root.has("tcbInfo")) return signed_object(root, "tcbInfo", ContentKind::tcb_info);
  if (root.has("enclaveIdentity")) {
    return signed_object(root, "enclaveIdentity", ContentKind::qe_identity);
  }
  if (root.has("event_log")) return Recognised{ContentKind::event_log, {}, copied(text)};
  if (root.has("fmspc")) return Recognised{ContentKind::tcb_info, {}, copied(text)};
  if (root.has("miscselect")) return Recognised{ContentKind::qe_identity, {}, copied(text)};
  return not_recognised("JSON of a kind that quoin does not know");
}

}  // namespace

std::string_view to_string(ContentKind kind) {
  switch (kind) {
    case ContentKind::quote:
      return "a quote";
    case ContentKind::quote_bundle:
      return "a quote with collateral";
    case ContentKind::td_report:
      return "a TDREPORT";
    case ContentKind::receipt:
      return "a receipt";
    case ContentKind::bundle:
      return "collateral";
    case ContentKind::tcb_info:
      return "TCB info";
    case ContentKind::qe_identity:
      return "a QE identity";
    case ContentKind::certificate:
      return "a certificate";
    case ContentKind::certificate_pem:
      return "certificates";
    case ContentKind::crl:
      return "a CRL";
    case ContentKind::event_log:
      return "an event log";
    case ContentKind::sealed:
      return "sealed data";
  }
  return "";
}

Result<Recognised> recognise(ByteView contents) {
  const std::string_view text = trimmed(as_text(contents));
  if (text.empty()) return not_recognised("the input is empty");
  if (text.front() == '{') return recognise_json(text);
  if (text.front() == '[') return Recognised{ContentKind::event_log, {}, copied(text)};
  if (text.starts_with(kPemBegin)) return recognise_pem(text);
  if (const std::optional<Bytes> bytes = decoded(text)) return recognise_binary(*bytes);
  return recognise_binary(contents);
}

}  // namespace quoin::cli
