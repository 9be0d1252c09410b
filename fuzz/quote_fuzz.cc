// A quote that parses is written back as it was.

#include <cstdlib>

#include "quoin/quote.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const quoin::ByteView bytes(data, size);
  const auto quote = quoin::parse_quote(bytes);
  if (quote.ok() && !quoin::equal(quoin::serialise(*quote), bytes)) std::abort();
  const auto report = quoin::parse_td_report(bytes);
  if (report.ok() && !quoin::equal(quoin::serialise(*report), bytes)) std::abort();
  return 0;
}
