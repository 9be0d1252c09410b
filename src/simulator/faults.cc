#include "src/simulator/faults.h"

#include <charconv>
#include <memory>
#include <string>
#include <system_error>

#include "src/base/try.h"

namespace quoin::simulator {
namespace {

constexpr uint32_t kMaxCount = 1'000'000;

constexpr std::array kDescriptions = {
    FaultDescription{Fault::no_provider, "no-provider", "no TSM provider: ENXIO"},
    FaultDescription{Fault::no_tsm, "no-tsm", "the kernel has no configfs-tsm"},
    FaultDescription{Fault::no_device, "no-device", "there is no /dev/tdx_guest"},
    FaultDescription{Fault::no_measurements, "no-measurements",
                     "the kernel is too old to show registers in sysfs"},
    FaultDescription{Fault::mkdir_eio, "mkdir-eio", "mkdir of a report entry: EIO"},
    FaultDescription{Fault::inblob_ebusy, "inblob-ebusy",
                     "inblob is not taken, and close says nothing"},
    FaultDescription{Fault::generation_jumps, "generation-jumps",
                     "another program writes when inblob is written"},
    FaultDescription{Fault::generation_moves, "generation-moves",
                     "another program writes while the quote is made"},
    FaultDescription{Fault::outblob_ebusy, "outblob-ebusy", "reading outblob: EBUSY"},
    FaultDescription{Fault::outblob_etimedout, "outblob-etimedout", "reading outblob: ETIMEDOUT"},
    FaultDescription{Fault::outblob_wedged, "outblob-wedged",
                     "the host keeps the buffer: ETIMEDOUT, then EBUSY"},
    FaultDescription{Fault::outblob_eintr, "outblob-eintr", "reading outblob: EINTR"},
    FaultDescription{Fault::outblob_eio, "outblob-eio", "reading outblob: EIO"},
    FaultDescription{Fault::outblob_enxio, "outblob-enxio", "reading outblob: ENXIO"},
    FaultDescription{Fault::outblob_empty, "outblob-empty",
                     "the host gives nothing: outblob is empty"},
    FaultDescription{Fault::outblob_truncated, "outblob-truncated", "half of the quote"},
    FaultDescription{Fault::quote_wrong_report_data, "quote-wrong-report-data",
                     "a genuine quote of other report data"},
    FaultDescription{Fault::quote_wrong_signature, "quote-wrong-signature",
                     "a bit of the quote's signature is wrong"},
    FaultDescription{Fault::quote_padded, "quote-padded", "zeros behind the quote, up to 8 KiB"},
    FaultDescription{Fault::quote_dice, "quote-dice", "a DICE quote: 100 KB of CBOR"},
    FaultDescription{Fault::report_ebusy, "report-ebusy", "GET_REPORT0: EBUSY"},
    FaultDescription{Fault::report_eio, "report-eio", "GET_REPORT0: EIO"},
    FaultDescription{Fault::report_wrong_report_data, "report-wrong-report-data",
                     "a TDREPORT with other report data"},
    FaultDescription{Fault::rtmr_ebusy, "rtmr-ebusy", "extending a register: EBUSY"},
    FaultDescription{Fault::rtmr_einval, "rtmr-einval", "extending a register: EINVAL"},
    FaultDescription{Fault::rtmr_eio, "rtmr-eio", "extending a register: EIO"},
    FaultDescription{Fault::rtmr_eio_extended, "rtmr-eio-extended",
                     "extending a register: EIO, and it is extended"},
    FaultDescription{Fault::ccel_eio, "ccel-eio", "reading the event log or its table: EIO"},
    FaultDescription{Fault::ccel_truncated, "ccel-truncated", "half of the event log"},
    FaultDescription{Fault::ccel_wrong_length, "ccel-wrong-length",
                     "the event log's table says one byte more than there is"},
    FaultDescription{Fault::ccel_wrong_type, "ccel-wrong-type",
                     "the event log's table is of AMD's type"},
    FaultDescription{Fault::efivars_eio, "efivars-eio", "reading a firmware variable: EIO"},
    FaultDescription{Fault::efivars_truncated, "efivars-truncated",
                     "a firmware variable of 3 bytes, which are less than its attributes"},
    FaultDescription{Fault::qgs_error, "qgs-error", "QGS answers with an error"},
    FaultDescription{Fault::qgs_closes, "qgs-closes", "QGS closes instead of answering"},
    FaultDescription{Fault::qgs_garbage, "qgs-garbage",
                     "QGS answers with bytes that are no message"},
    FaultDescription{Fault::slow, "slow", "=MS: a quote takes that many milliseconds more"},
};

std::string all_names() {
  std::string names;
  for (const FaultDescription& description : kDescriptions) {
    names.append(names.empty() ? "" : ", ").append(description.name);
  }
  return names;
}

Error not_understood(std::string_view text, std::string hint) {
  return {ErrorCode::invalid_argument, "fault " + std::string(text) + ": not understood",
          std::move(hint)};
}

Result<uint32_t> parse_count(std::string_view text, std::string_view digits) {
  uint32_t count = 0;
  const char* end = std::to_address(digits.end());
  const auto [stop, error] = std::from_chars(std::to_address(digits.begin()), end, count);
  if (error != std::errc{} || stop != end || count == 0 || count > kMaxCount) {
    return not_understood(
        text, "wanted a number from 1 to " + std::to_string(kMaxCount) + " behind the =");
  }
  return count;
}

}  // namespace

std::span<const FaultDescription> fault_descriptions() { return kDescriptions; }

Result<void> Faults::add(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  for (const FaultDescription& description : kDescriptions) {
    if (description.name != name) continue;
    uint32_t count = kEveryTime;
    if (equals != std::string_view::npos) {
      count = TRY(parse_count(text, text.substr(equals + 1)));
    } else if (description.fault == Fault::slow) {
      return not_understood(text, "wanted slow=MS, such as slow=2000");
    }
    const std::lock_guard lock(mutex_);
    left_[static_cast<size_t>(description.fault)] = count;
    return {};
  }
  return not_understood(text, "there are: " + all_names());
}

bool Faults::take(Fault fault) {
  const std::lock_guard lock(mutex_);
  uint32_t& left = left_[static_cast<size_t>(fault)];
  if (left == 0) return false;
  if (left != kEveryTime) --left;
  return true;
}

bool Faults::is_set(Fault fault) const {
  const std::lock_guard lock(mutex_);
  return left_[static_cast<size_t>(fault)] != 0;
}

std::chrono::milliseconds Faults::delay() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::milliseconds(left_[static_cast<size_t>(Fault::slow)]);
}

}  // namespace quoin::simulator
