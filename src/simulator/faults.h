// What can go wrong in a TD, on purpose: a closed list.

#ifndef QUOIN_SRC_SIMULATOR_FAULTS_H_
#define QUOIN_SRC_SIMULATOR_FAULTS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "quoin/result.h"

namespace quoin::simulator {

enum class Fault : uint8_t {
  no_provider,
  no_tsm,
  no_device,
  no_measurements,
  mkdir_eio,
  inblob_ebusy,
  generation_jumps,
  generation_moves,
  outblob_ebusy,
  outblob_etimedout,
  outblob_wedged,
  outblob_eintr,
  outblob_eio,
  outblob_enxio,
  outblob_empty,
  outblob_truncated,
  quote_wrong_report_data,
  quote_wrong_signature,
  quote_padded,
  quote_dice,
  report_ebusy,
  report_eio,
  report_wrong_report_data,
  rtmr_ebusy,
  rtmr_einval,
  rtmr_eio,
  rtmr_eio_extended,
  ccel_eio,
  ccel_truncated,
  ccel_wrong_length,
  ccel_wrong_type,
  efivars_eio,
  efivars_truncated,
  qgs_error,
  qgs_closes,
  qgs_garbage,
  slow,
};

struct FaultDescription {
  Fault fault{};
  std::string_view name;
  std::string_view help;
};

// All of them, in order. The one that is called "slow" takes milliseconds, not a count.
std::span<const FaultDescription> fault_descriptions();

// Which faults happen, and how often. Thread-safe.
class Faults {
 public:
  Faults() = default;
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  // "NAME" or "NAME=COUNT": every time, or the first COUNT times (1 to 1000000). Fails with
  // invalid_argument, with a hint.
  Result<void> add(std::string_view text);

  // Whether it happens now. One that happens only so often has then happened once more.
  bool take(Fault fault);
  // Whether it would happen now.
  bool is_set(Fault fault) const;
  // How long a quote takes besides.
  std::chrono::milliseconds delay() const;

 private:
  static constexpr uint32_t kEveryTime = UINT32_MAX;
  static constexpr size_t kCount = static_cast<size_t>(Fault::slow) + 1;

  mutable std::mutex mutex_;
  std::array<uint32_t, kCount> left_{};
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_FAULTS_H_
