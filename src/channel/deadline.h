// By when something must be done.

#ifndef QUOIN_SRC_CHANNEL_DEADLINE_H_
#define QUOIN_SRC_CHANNEL_DEADLINE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace quoin::channel {

// An instant of the machine's steady clock, which says nothing of the time of day.
class Deadline {
 public:
  // At most a day is waited.
  static Deadline in(std::chrono::milliseconds timeout) {
    constexpr std::chrono::milliseconds kMost = std::chrono::days(1);
    return Deadline(Clock::now() + std::clamp(timeout, std::chrono::milliseconds(0), kMost));
  }

  bool passed() const { return Clock::now() >= at_; }

  // The end of the first of so many equal parts of the time that is left. `parts` is positive.
  Deadline first_part(size_t parts) const {
    const Clock::time_point now = Clock::now();
    return Deadline(now + (at_ - now) / static_cast<Clock::rep>(parts));
  }

  // For poll(2): how long there is, rounded up; 0 when it has passed.
  int poll_timeout() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
  }

 private:
  using Clock = std::chrono::steady_clock;
  explicit Deadline(Clock::time_point at) : at_(at) {}

  Clock::time_point at_;
};

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_DEADLINE_H_
