// A quote or a TDREPORT that is read is written as it was, and what is signed of a quote is its
// front.

#include <cstdint>

#include "fuzz/require.h"
#include "quoin/quote.h"

namespace {

using quoin::ByteView;
using quoin::fuzz::require;

void check_quote(ByteView bytes) {
  const auto quote = quoin::parse_quote(bytes);
  if (!quote.ok()) return;
  require(quoin::equal(quoin::serialise(*quote), bytes));
  require(quote->signed_bytes.data() == bytes.data());
  require((quote->td_report() != nullptr) == (quote->header.tee_type == quoin::TeeType::tdx));
  require((quote->enclave_report() != nullptr) == (quote->td_report() == nullptr));
  // What stands behind a quote changes nothing of it.
  const auto alone = quoin::parse_quote(bytes.first(bytes.size() - quote->trailing.size()));
  require(alone.ok() && alone->trailing.empty());
  require(alone->signed_bytes.size() == quote->signed_bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView bytes(data, size);
  check_quote(bytes);
  const auto report = quoin::parse_td_report(bytes);
  if (report.ok()) require(quoin::equal(quoin::serialise(*report), bytes));
  return 0;
}
