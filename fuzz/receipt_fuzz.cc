// A receipt that parses is written and read back as the same, and so is its statement.

#include <cstdlib>

#include "quoin/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto receipt = quoin::parse_receipt({data, size});
  if (receipt.ok()) {
    const auto again = quoin::parse_receipt(quoin::write_receipt(*receipt));
    if (!again.ok() || again->payload != receipt->payload || again->quote != receipt->quote ||
        again->collateral != receipt->collateral) {
      std::abort();
    }
  }
  const auto statement = quoin::parse_statement({data, size});
  if (statement.ok()) {
    const auto written = quoin::write_statement(*statement);
    if (!written.ok() || !quoin::parse_statement(*written).ok()) std::abort();
  }
  return 0;
}
