// The calendar fields that ASN.1 and RFC 3339 times are made of.

#ifndef QUOIN_SRC_BASE_TIME_H_
#define QUOIN_SRC_BASE_TIME_H_

#include <string_view>

#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin {

// Fourteen digits: "20250313073024" (year, month, day, hour, minute, second). Refuses
// dates that the calendar does not have, hour 24, and leap seconds.
Result<UtcTime> parse_compact_time(std::string_view text);

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_TIME_H_
