#include "src/net/retry.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <thread>

#include "quoin/bytes.h"
#include "src/crypto/random.h"

namespace quoin::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// More would not be waited for anyway, and fewer digits cannot overflow.
constexpr size_t kMaxRetryAfterDigits = 6;

uint32_t random_number() {
  ByteArray<4> bytes{};
  fill_random(bytes);
  uint32_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace

Waiting system_waiting() {
  return {.sleep = [](milliseconds time) { std::this_thread::sleep_for(time); },
          .random = random_number};
}

std::optional<milliseconds> delay_before_retry(unsigned done, const Retries& retries,
                                               std::optional<seconds> retry_after,
                                               uint32_t random) {
  if (done >= retries.attempts) return std::nullopt;
  if (retry_after && *retry_after > retries.longest_delay) return std::nullopt;
  milliseconds delay = std::min(retries.first_delay, retries.longest_delay);
  for (unsigned i = 1; i < done && delay < retries.longest_delay; ++i) {
    delay = std::min(delay * 2, retries.longest_delay);
  }
  const milliseconds half = delay / 2;
  delay = half + milliseconds(random % (half.count() + 1));
  return std::max(delay, milliseconds(retry_after.value_or(seconds(0))));
}

std::optional<seconds> parse_retry_after(std::string_view value) {
  if (value.empty() || value.size() > kMaxRetryAfterDigits) return std::nullopt;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(value.begin(), value.end(), number);
  if (error != std::errc() || end != value.end()) return std::nullopt;
  return seconds(number);
}

bool is_transient(unsigned status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace quoin::net
