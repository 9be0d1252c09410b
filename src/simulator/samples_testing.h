// What the tests of this room share.

#ifndef QUOIN_SRC_SIMULATOR_SAMPLES_TESTING_H_
#define QUOIN_SRC_SIMULATOR_SAMPLES_TESTING_H_

#include <chrono>
#include <cstdint>

#include "quoin/bytes.h"
#include "quoin/time.h"
#include "src/simulator/derive.h"

namespace quoin::simulator {

// A seed that is easy to tell from others.
inline Seed test_seed(uint8_t number) {
  Seed seed;
  seed.mutable_view()[0] = number;
  seed.mutable_view()[31] = 0x51;
  return seed;
}

// When the tests' collateral is issued, and when it is used.
inline constexpr UtcTime kIssued = std::chrono::sys_days(std::chrono::March / 1 / 2026);
inline constexpr UtcTime kNow = kIssued + std::chrono::days(1);

inline ByteArray<64> test_report_data() {
  ByteArray<64> data{};
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i + 1);
  return data;
}

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_SAMPLES_TESTING_H_
