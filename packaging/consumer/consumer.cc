// What a program outside the tree sees: the installed headers, and the installed library.

#include <quoin/bytes.h>
#include <quoin/collateral.h>
#include <quoin/policy.h>
#include <quoin/quote.h>
#include <quoin/receipt.h>
#include <quoin/result.h>
#include <quoin/time.h>
#include <quoin/verify.h>

#include <cstdio>

int main() {
  const quoin::Result<quoin::UtcTime> time = quoin::parse_rfc3339("2025-03-13T07:30:24Z");
  if (!time.ok() || quoin::to_string(*time) != "2025-03-13T07:30:24Z") {
    std::puts("the time did not come back");
    return 1;
  }
  const auto quote = quoin::parse_quote(quoin::as_bytes("not a quote"));
  if (quote.ok()) {
    std::puts("text was taken for a quote");
    return 1;
  }
  std::puts("ok");
  return 0;
}
