// When something must be done by, on the clock that nobody sets.

#ifndef QUOIN_SRC_OS_DEADLINE_H_
#define QUOIN_SRC_OS_DEADLINE_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace quoin {

using Deadline = std::chrono::steady_clock::time_point;

// That long from now. A time that the clock cannot reach is as far away as it can.
inline Deadline deadline_after(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds kMost = std::chrono::hours(24 * 365);
  return std::chrono::steady_clock::now() + std::min(time, kMost);
}

inline bool has_passed(Deadline deadline) { return std::chrono::steady_clock::now() >= deadline; }

// How long it still is, zero when it has passed; rounded up, so that a wait of that long ends
// behind the deadline and not in a loop before it.
inline std::chrono::milliseconds remaining(Deadline deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds{0});
}

// The same as poll(2) wants it. A day at most: whoever waits looks at the deadline again.
inline int poll_timeout(Deadline deadline) {
  constexpr int64_t kDay = int64_t{24} * 60 * 60 * 1000;
  return static_cast<int>(std::min<int64_t>(remaining(deadline).count(), kDay));
}

// The earlier of two.
inline Deadline earlier(Deadline a, Deadline b) { return std::min(a, b); }

}  // namespace quoin

#endif  // QUOIN_SRC_OS_DEADLINE_H_
