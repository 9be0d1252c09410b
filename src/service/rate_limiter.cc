#include "src/service/rate_limiter.h"

#include <algorithm>

namespace quoin::service {

bool RateLimiter::allow(std::string_view name, Clock::time_point now) {
  if (per_minute_ == 0) return true;
  const std::scoped_lock lock(mutex_);
  const double most = per_minute_;
  const auto known = by_name_.find(std::string(name));
  if (known != by_name_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, known->second);
  } else {
    if (buckets_.size() >= max_names_) {
      by_name_.erase(buckets_.back().name);
      buckets_.pop_back();
    }
    buckets_.push_front({.name = std::string(name), .tokens = most, .at = now});
    by_name_.emplace(buckets_.front().name, buckets_.begin());
  }
  Bucket& bucket = buckets_.front();
  const std::chrono::duration<double, std::ratio<60>> minutes = now - bucket.at;
  bucket.tokens = std::min(most, bucket.tokens + minutes.count() * most);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace quoin::service
