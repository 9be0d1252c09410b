// What is in a file, by its contents.

#ifndef QUOIN_SRC_CLI_RECOGNISE_H_
#define QUOIN_SRC_CLI_RECOGNISE_H_

#include <cstdint>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::cli {

enum class ContentKind : uint8_t {
  quote,            // `bytes` is the quote in binary
  quote_bundle,     // JSON with a quote and collateral: `bytes` is the quote, `text` everything
  td_report,        // `bytes` is the TDREPORT in binary
  receipt,          // `text`
  bundle,           // collateral without a quote: `text`
  tcb_info,         // `text` is the object that Intel signs
  qe_identity,      // `text` is the object that Intel signs
  certificate,      // `bytes` is DER
  certificate_pem,  // `text` is the PEM
  crl,              // `bytes` is DER
  event_log,        // `bytes` is a CCEL, or where there are none, `text` is JSON
  sealed,           // `bytes` is sealed data
};

// "a quote", "a receipt", ...
std::string_view to_string(ContentKind kind);

// What a file holds, out of its wrapping (PEM, hex, base64).
struct Recognised {
  ContentKind kind = ContentKind::quote;
  Bytes bytes;
  Bytes text;
};

// Recognises JSON by its members, PEM by its label, hex and base64 (blanks and line breaks between
// digits allowed) and binary by its first bytes and size. Whether the contents are well-formed is
// for their parsers to say. Fails with malformed or unsupported, with a hint.
Result<Recognised> recognise(ByteView contents);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_RECOGNISE_H_
