// The TD that Linux runs in.

#ifndef QUOIN_SRC_TD_LINUX_TD_H_
#define QUOIN_SRC_TD_LINUX_TD_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/os/deadline.h"
#include "src/td/guest_device.h"
#include "src/td/linux_paths.h"
#include "src/td/qgs_address.h"
#include "src/td/quote_backends.h"
#include "src/td/quote_queue.h"
#include "src/td/td.h"

namespace quoin::td {

// Ways to a quote.
enum class QuoteWay : uint8_t {
  tsm,  // configfs-tsm: the kernel asks the host
  qgs,  // a quote generation service: we ask it, with a report of ours
};

struct LinuxTdOptions {
  LinuxPaths paths = {};
  // Which ways are tried, in this order.
  std::vector<QuoteWay> quote_ways = {QuoteWay::tsm, QuoteWay::qgs};
  // The service. None: the host's, on the vsock port that paths.attest_conf names, if it does.
  std::optional<QgsAddress> qgs = {};
  // How long a call waits for a report or an extension that the TDX module is too busy for.
  std::chrono::milliseconds report_timeout = std::chrono::seconds(5);
  // How long a call waits for a quote, the waiting for others included; and each way of getting
  // one. The kernel gives a host 30 seconds.
  std::chrono::milliseconds quote_timeout = std::chrono::seconds(90);
  std::chrono::milliseconds way_timeout = std::chrono::seconds(40);
  // How many calls may wait behind the one that is being answered.
  size_t max_waiting_quotes = 64;
  // RTMR0 and RTMR1 are extended as well. What firmware measured cannot be replayed then, and no
  // policy that pins it accepts this TD until it boots again.
  bool insecure_extend_firmware_rtmrs = false;
  // How reports are asked for. Empty: at paths.guest_device.
  GetReport0 get_report0 = {};
};

// A TD by the kernel's files. Nothing is opened until it is asked for, and nothing stays open.
class LinuxTd final : public Td {
 public:
  explicit LinuxTd(LinuxTdOptions options = {});
  // With a queue for quotes, never null, that others of the same TD have too. The queue's own limit
  // counts.
  LinuxTd(LinuxTdOptions options, std::shared_ptr<QuoteQueue> queue);

  // The same TD for a caller who waits for nothing beyond `deadline`, however often it asks. Both
  // have one queue for quotes.
  std::shared_ptr<LinuxTd> until(Deadline deadline) const;

  Result<Bytes> report(const ByteArray<kReportDataBytes>& report_data) override;
  Result<Bytes> quote(const ByteArray<kReportDataBytes>& report_data) override;
  Result<Bytes> quote_report(ByteView td_report) override;
  // By sysfs; where the kernel is older than 6.16, out of a TDREPORT.
  Result<ByteArray<kRtmrBytes>> read_rtmr(unsigned index) override;
  Result<void> extend_rtmr(unsigned index, const ByteArray<kRtmrBytes>& digest) override;
  // The kernel's random/boot_id.
  Result<std::string> boot_id() override;
  bool simulated() const override { return false; }

 private:
  // That long from now, or when the caller does not wait any more.
  Deadline after(std::chrono::milliseconds timeout) const;
  // The first quote that one of them gives, when it is this call's turn.
  Result<Bytes> quote_by(std::vector<QuoteBackend> backends);

  // Shared with a job that goes on when its caller has given up.
  std::shared_ptr<const LinuxTdOptions> options_;
  std::shared_ptr<QuoteQueue> queue_;
  Deadline deadline_ = Deadline::max();
};

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_LINUX_TD_H_
