// The evidence that `quoin verify` is given, taken apart.

#ifndef QUOIN_SRC_CLI_EVIDENCE_H_
#define QUOIN_SRC_CLI_EVIDENCE_H_

#include <optional>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/receipt.h"
#include "quoin/result.h"

namespace quoin::cli {

// A quote, with the receipt that it signs if there is one. Movable, not copyable: the quote's views
// point into `quote_bytes`.
struct Evidence {
  Evidence() = default;
  Evidence(Evidence&&) noexcept = default;
  Evidence& operator=(Evidence&&) noexcept = default;
  Evidence(const Evidence&) = delete;
  Evidence& operator=(const Evidence&) = delete;

  Bytes quote_bytes;
  Quote quote;
  std::optional<Receipt> receipt;
  std::optional<Statement> statement;  // of the receipt
  // A bundle that came with the quote; empty where none did.
  Bytes collateral;
};

// Reads a quote in any wrapping, a quote with collateral, or a receipt. Fails with the codes of
// their parsers, and with invalid_argument for a file of another kind.
Result<Evidence> read_evidence(ByteView contents);

// Whether the quote's own certificates say that a simulator made it. Evidence that says so of
// itself is called simulated whether its root is trusted or not.
bool names_simulator(const Quote& quote);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_EVIDENCE_H_
