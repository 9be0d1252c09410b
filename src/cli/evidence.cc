#include "src/cli/evidence.h"

#include <algorithm>
#include <string>
#include <utility>

#include "quoin/verify.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/recognise.h"
#include "src/x509/chain.h"

namespace quoin::cli {

Result<Evidence> read_evidence(ByteView contents) {
  Recognised recognised = TRY(recognise(contents));
  Evidence evidence;
  switch (recognised.kind) {
    case ContentKind::quote:
      evidence.quote_bytes = std::move(recognised.bytes);
      break;
    case ContentKind::quote_bundle:
      evidence.quote_bytes = std::move(recognised.bytes);
      evidence.collateral = std::move(recognised.text);
      break;
    case ContentKind::receipt:
      evidence.receipt = TRY(parse_receipt(recognised.text));
      evidence.statement = TRY(parse_statement(evidence.receipt->payload));
      evidence.quote_bytes = evidence.receipt->quote;
      evidence.collateral = evidence.receipt->collateral;
      break;
    case ContentKind::bundle:
    case ContentKind::tcb_info:
    case ContentKind::qe_identity:
      return usage_error("this is " + std::string(to_string(recognised.kind)) +
                             ": there is no quote in it to verify",
                         "name the quote, and give this file behind --collateral");
    case ContentKind::td_report:
      return usage_error("this is a TDREPORT: only the machine that made it can check it",
                         "have a quote made of it; quoin inspect shows what it says");
    case ContentKind::certificate:
    case ContentKind::certificate_pem:
    case ContentKind::crl:
    case ContentKind::event_log:
    case ContentKind::sealed:
      return usage_error(
          "this is " + std::string(to_string(recognised.kind)) + ", not a quote or a receipt",
          "quoin inspect shows what it says");
  }
  evidence.quote = TRY(parse_quote(evidence.quote_bytes));
  return evidence;
}

bool names_simulator(const Quote& quote) {
  const Result<x509::Chain> chain = x509::Chain::parse_pem(as_text(quote.certification_data));
  return chain.ok() &&
         std::ranges::any_of(chain->certificates(), [](const x509::Certificate& certificate) {
           return certificate.subject.common_name == kSimulatorRootCommonName;
         });
}

}  // namespace quoin::cli
