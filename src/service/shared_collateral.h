// Collateral for many connections at a time.

#ifndef QUOIN_SRC_SERVICE_SHARED_COLLATERAL_H_
#define QUOIN_SRC_SERVICE_SHARED_COLLATERAL_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "quoin/channel.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "quoin/verifier.h"
#include "src/pcs/request.h"

namespace quoin::broker {

struct SharedCollateralSettings {
  // How long somebody waits for what another is fetching, by the system's clock.
  std::chrono::milliseconds patience = std::chrono::seconds(10);
  // How long an answer is kept, from when it came, and no longer than it holds.
  std::chrono::milliseconds success_kept = std::chrono::minutes(10);
  // So that a stranger cannot have a service asked again and again for what it does not have. As
  // long for an answer that no longer holds.
  std::chrono::milliseconds failure_kept = std::chrono::seconds(15);
  // Whether what is kept serves a quote: whether it is genuine with it. Where it does not, and came
  // `min_age` ago, it is asked for anew: the quote's platform may be newer. None: it serves.
  std::function<bool(const Quote&, const PreparedCollateral&)> serves = {};
  std::chrono::milliseconds min_age = std::chrono::minutes(1);
  // Answers that are kept, with those that are on their way.
  size_t max_entries = 256;
  // What answers age by.
  std::function<std::chrono::steady_clock::time_point()> clock = std::chrono::steady_clock::now;
  // What says whether they still hold. There must be one.
  std::function<UtcTime()> date = {};
};

// Asks a source once for what many want, and keeps its answers for a while. Which answer a quote
// gets is what its own certificate says; whether it fits is for verification. Who asks for one
// platform never waits for what is fetched for another.
//
// Thread-safe. The source is called by several threads at a time, for different requests.
class SharedCollateral {
 public:
  // What the source answers is given to every quote with the same pcs::request_for(), whichever it
  // was asked about.
  explicit SharedCollateral(CollateralSource source, SharedCollateralSettings settings = {});
  SharedCollateral(const SharedCollateral&) = delete;
  SharedCollateral& operator=(const SharedCollateral&) = delete;

  // What is kept; what another thread is fetching, once it is there; else what the source says,
  // however long that takes. Fails as pcs::request_for() does, as the source does or did, with
  // timed_out when another has not fetched it within the patience, with refused when nothing can be
  // kept because all that there is room for is being fetched, and with internal when the source
  // threw what it was to return to another. What it throws here goes on to the caller.
  Result<PreparedCollateral> get(const Quote& quote);

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Entry;
  class Fetching;

  // All with the mutex held.
  std::shared_ptr<Entry>* find(const pcs::CollateralRequest& request);
  bool is_kept(const Entry& entry, TimePoint now) const;
  // Whether a kept answer has come long enough ago to be asked for anew where it does not serve.
  bool is_to_be_looked_at(const Entry& entry, TimePoint now) const;
  // Looks whether it serves the quote, and keeps it no longer if not; not with the mutex held.
  void look_at(Entry& entry, const Quote& quote, std::unique_lock<std::mutex>& lock) const;
  // Puts a new one there, in place of `old` if that is not null. Fails with refused.
  Result<std::shared_ptr<Entry>> add(const pcs::CollateralRequest& request,
                                     std::shared_ptr<Entry>* old);

  Result<PreparedCollateral> wait(Entry& entry, std::unique_lock<std::mutex>& lock) const;

  CollateralSource source_;
  SharedCollateralSettings settings_;
  // Never held while the source is asked.
  std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;
};

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_SHARED_COLLATERAL_H_
