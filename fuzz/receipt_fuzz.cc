// A receipt that is read is written and read back as the same, and so is its statement.

#include <cstdint>

#include "fuzz/require.h"
#include "quoin/receipt.h"

namespace {

using quoin::ByteView;
using quoin::fuzz::require;

void check_receipt(ByteView json) {
  const auto receipt = quoin::parse_receipt(json);
  if (!receipt.ok()) return;
  const auto again = quoin::parse_receipt(quoin::write_receipt(*receipt));
  require(again.ok() && again->payload_type == receipt->payload_type);
  require(again->payload == receipt->payload && again->quote == receipt->quote);
  require(again->collateral == receipt->collateral);
}

void check_statement(ByteView payload) {
  const auto statement = quoin::parse_statement(payload);
  if (!statement.ok()) return;
  const auto written = quoin::write_statement(*statement);
  require(written.ok());
  const auto again = quoin::parse_statement(*written);
  require(again.ok());
  const auto written_again = quoin::write_statement(*again);
  require(written_again.ok() && *written_again == *written);
  require(again->module_sha256 == statement->module_sha256 && again->nonce == statement->nonce);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  check_receipt(bytes);
  check_statement(bytes);
  return 0;
}
