// The ways to a quote, one behind the other.

#ifndef QUOIN_SRC_TD_QUOTE_BACKENDS_H_
#define QUOIN_SRC_TD_QUOTE_BACKENDS_H_

#include <chrono>
#include <functional>
#include <span>
#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/deadline.h"

namespace quoin::td {

// One way. Its name begins its part of the error when none works.
struct QuoteBackend {
  std::string name;
  // Whether there is anybody to ask: otherwise it fails at once, and needs no time.
  bool is_there = true;
  std::function<Result<Bytes>(Deadline deadline)> quote;
};

// The first quote that one of them gives, in their order. Each has that long, and no more than its
// equal share of what is left until `deadline`, among those that are there. When none works, the
// error names each that was tried, and why it did not; its code and hint are those of the first
// that was there at all, or else unsupported.
Result<Bytes> first_quote(std::span<const QuoteBackend> backends, std::chrono::milliseconds each,
                          Deadline deadline);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QUOTE_BACKENDS_H_
