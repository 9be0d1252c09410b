// When to ask again.

#ifndef QUOIN_SRC_NET_RETRY_H_
#define QUOIN_SRC_NET_RETRY_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace quoin::net {

struct Retries {
  unsigned attempts = 3;  // the first one included
  std::chrono::milliseconds first_delay{500};
  std::chrono::milliseconds longest_delay{10'000};
};

// What waiting takes from outside.
struct Waiting {
  std::function<void(std::chrono::milliseconds)> sleep;
  // Uniformly distributed, for jitter: clients that failed together do not come back together.
  std::function<uint32_t()> random;
};

// This thread sleeps; OpenSSL's random numbers.
Waiting system_waiting();

// How long to wait after `done` attempts, the last of which failed in a way that may pass: the
// delay doubles with each, and half of it is random. Not before what the server asked for
// (`retry_after`). Nothing when all attempts are used up, and when the server asks for more than
// the longest delay.
std::optional<std::chrono::milliseconds> delay_before_retry(
    unsigned done, const Retries& retries, std::optional<std::chrono::seconds> retry_after,
    uint32_t random);

// Retry-After in its form of seconds (RFC 9110, 10.2.3); nothing for a date or anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value);

// Whether a server that answers so may answer otherwise a moment later.
bool is_transient(unsigned status);

}  // namespace quoin::net

#endif  // QUOIN_SRC_NET_RETRY_H_
