#include "src/td/quote_backends.h"

#include <algorithm>
#include <utility>

namespace quoin::td {
namespace {

// Whether a way to a quote is not there at all, rather than there and failing.
bool is_absent(const Error& error) {
  return error.code == ErrorCode::not_found || error.code == ErrorCode::unsupported;
}

}  // namespace

Result<Bytes> first_quote(std::span<const QuoteBackend> backends, std::chrono::milliseconds each,
                          Deadline deadline) {
  Error error = {ErrorCode::unsupported, "no quote", ""};
  std::string separator = ": ";
  bool explained = false;
  auto left = std::ranges::count_if(backends, &QuoteBackend::is_there);
  for (const QuoteBackend& backend : backends) {
    if (has_passed(deadline)) {
      error.what += separator + backend.name + ": not tried, the time is over";
      if (!explained) error.code = ErrorCode::timed_out;
      return error;
    }
    // One that is silent leaves the others their time.
    const Deadline now = std::chrono::steady_clock::now();
    const Deadline share = backend.is_there ? now + (deadline - now) / left-- : deadline;
    Result<Bytes> quote = backend.quote(earlier(share, deadline_after(each)));
    if (quote.ok()) return quote;
    Error failure = std::move(quote).error();
    error.what += separator + backend.name + ": " + failure.what;
    separator = "; ";
    const bool explains = !explained && !is_absent(failure);
    if (explains) error.code = failure.code;
    if (explains || error.hint.empty()) error.hint = std::move(failure.hint);
    explained = explained || explains;
  }
  return error;
}

}  // namespace quoin::td
