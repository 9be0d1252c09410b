// UTC time. Only the outermost layer reads the clock; everything else is told the time.

#ifndef QUOIN_TIME_H_
#define QUOIN_TIME_H_

#include <chrono>
#include <string>
#include <string_view>

#include "quoin/result.h"

namespace quoin {

// Seconds since 1970-01-01T00:00:00Z, without leap seconds.
using UtcTime = std::chrono::sys_seconds;

// The time as "2025-03-13T07:30:24Z"; outside of years 0 to 9999 the nearest time inside.
std::string to_string(UtcTime time);

// Reads RFC 3339 in UTC without fractions: "2025-03-13T07:30:24Z". Leap seconds are refused.
Result<UtcTime> parse_rfc3339(std::string_view text);

}  // namespace quoin

#endif  // QUOIN_TIME_H_
