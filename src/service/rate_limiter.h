// How often something may be asked for by each of those who ask.

#ifndef QUOIN_SRC_SERVICE_RATE_LIMITER_H_
#define QUOIN_SRC_SERVICE_RATE_LIMITER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace quoin::service {

// A bucket of tokens for each name: it holds at most a minute's, and fills evenly. Names that have
// not been heard of for longest are forgotten first, and begin anew. Thread-safe.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr size_t kDefaultNames = size_t{1} << 16;
  // 0 a minute: no limit.
  explicit RateLimiter(uint32_t per_minute, size_t max_names = kDefaultNames)
      : per_minute_(per_minute), max_names_(max_names) {}

  // Whether `name` may once more, at that time, which does not go back.
  bool allow(std::string_view name, Clock::time_point now);

 private:
  struct Bucket {
    std::string name;
    double tokens = 0;
    Clock::time_point at;
  };

  uint32_t per_minute_;
  size_t max_names_;
  std::mutex mutex_;
  // The one that was asked about last is in front.
  std::list<Bucket> buckets_;
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_name_;
};

}  // namespace quoin::service

#endif  // QUOIN_SRC_SERVICE_RATE_LIMITER_H_
