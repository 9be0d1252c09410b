// A file of any kind: what `quoin verify` and `quoin inspect` make of it. A quote is found again in
// any wrapping, and what is shown of it can neither move a cursor nor hide anything.

#include "src/cli/evidence.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/cli/describe.h"
#include "src/cli/recognise.h"
#include "src/cli/value.h"
#include "src/x509/pem.h"

namespace {

using quoin::as_bytes;
using quoin::Bytes;
using quoin::cli::ContentKind;
using quoin::cli::recognise;
using quoin::fuzz::require;

bool is_quote(std::string_view file, const Bytes& bytes) {
  const auto recognised = recognise(as_bytes(file));
  return recognised.ok() && recognised->kind == ContentKind::quote && recognised->bytes == bytes;
}

// PEM says that it is a quote; other wrappings leave that to the first bytes.
void check_wrappings(const quoin::cli::Recognised& recognised) {
  const Bytes& bytes = recognised.bytes;
  if (recognised.kind != ContentKind::quote) return;
  require(is_quote(quoin::x509::to_pem(bytes, "TDX QUOTE"), bytes));
  if (!quoin::parse_quote(bytes).ok()) return;
  require(is_quote(quoin::as_text(bytes), bytes));
  require(is_quote(quoin::to_hex(bytes) + "\n", bytes));
}

void check_shown(const quoin::cli::Value& value) {
  require(std::ranges::all_of(quoin::cli::to_text(value),
                              [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  const std::string json = quoin::cli::to_json(value);
  require(quoin::JsonDocument::parse(as_bytes(json), {.max_depth = 64}).ok());
}

template <typename T>
void check_described(const quoin::Result<T>& parsed) {
  if (parsed.ok()) check_shown(quoin::cli::describe(*parsed));
}

// What `quoin inspect` shows of what is no evidence by itself.
void check_inspected(const quoin::cli::Recognised& recognised) {
  const Bytes& bytes = recognised.bytes;
  const Bytes& text = recognised.text;
  switch (recognised.kind) {
    case ContentKind::quote:
    case ContentKind::quote_bundle:
    case ContentKind::receipt:
      break;
    case ContentKind::td_report:
      check_described(quoin::parse_td_report(bytes));
      break;
    case ContentKind::bundle:
      check_described(quoin::Collateral::parse(text));
      break;
    case ContentKind::tcb_info:
      check_described(quoin::parse_tcb_info(text));
      break;
    case ContentKind::qe_identity:
      check_described(quoin::parse_qe_identity(text));
      break;
    case ContentKind::certificate:
      check_described(quoin::x509::parse_certificate(bytes));
      break;
    case ContentKind::certificate_pem:
      check_described(quoin::x509::Chain::parse_pem(quoin::as_text(text)));
      break;
    case ContentKind::crl:
      check_described(quoin::x509::parse_crl(bytes));
      break;
    case ContentKind::event_log:
      check_described(bytes.empty() ? quoin::CcEventLog::parse_json(text)
                                    : quoin::CcEventLog::parse(bytes));
      break;
    case ContentKind::sealed:
      check_described(quoin::parse_sealed_header(bytes));
      break;
  }
}

void check_evidence(quoin::ByteView file) {
  const auto evidence = quoin::cli::read_evidence(file);
  if (!evidence.ok()) return;
  require(quoin::serialise(evidence->quote) == evidence->quote_bytes);
  require(evidence->receipt.has_value() == evidence->statement.has_value());
  static_cast<void>(quoin::cli::names_simulator(evidence->quote));
  check_shown(quoin::cli::describe(evidence->quote));
  if (evidence->statement) check_shown(quoin::cli::describe(*evidence->statement));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto recognised = recognise({data, size});
  if (!recognised.ok()) return 0;
  check_wrappings(*recognised);
  check_inspected(*recognised);
  check_evidence({data, size});
  return 0;
}
