// configfs-tsm: /sys/kernel/config/tsm/report (Linux, Documentation/ABI/testing/configfs-tsm-report
// and drivers/virt/coco), as the provider tdx_guest has it.

#ifndef QUOIN_SRC_SIMULATOR_MOUNT_TSM_H_
#define QUOIN_SRC_SIMULATOR_MOUNT_TSM_H_

#include <sys/types.h>

#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/simulator/faults.h"
#include "src/simulator/mount_file.h"

namespace quoin::simulator {

// A file of a report entry.
struct TsmAttribute {
  std::string_view name;
  mode_t mode = 0;
  uint64_t size = 0;
};

// What a TDX guest shows of an entry; other providers have more.
inline constexpr std::array<TsmAttribute, 4> kTsmAttributes = {{
    {"generation", 0444, 4096},
    {"inblob", 0200, 0},
    {"outblob", 0400, 0},
    {"provider", 0444, 4096},
}};

// The report entries. What a program writes to inblob is taken at close(2), and counts one
// generation; the first read of outblob after that makes the quote, under a lock that all entries
// share; later ones read the same quote. Thread-safe.
class TsmReports {
 public:
  using MakeQuote = std::function<Result<Bytes>(const ByteArray<64>& report_data)>;

  // The kernel's getquote_timeout.
  static constexpr std::chrono::milliseconds kQuoteTimeout{30'000};
  // Nobody needs more; the kernel has no limit but memory.
  static constexpr size_t kMaxEntries = 1024;

  // `faults` must outlive this.
  TsmReports(MakeQuote make_quote, Faults& faults, KernelTime time,
             std::chrono::milliseconds timeout = kQuoteTimeout);

  std::vector<std::string> names() const;
  bool has(std::string_view name) const;
  // mkdir(2) and rmdir(2). ENXIO without a provider.
  KernelResult<void> make(std::string_view name);
  KernelResult<void> remove(std::string_view name);
  // Opens a file of an entry. It must not outlive this.
  KernelResult<std::unique_ptr<KernelFile>> open(std::string_view name, std::string_view attribute);

 private:
  class Inblob;
  class Outblob;

  struct Entry {
    Bytes inblob;
    uint64_t generation = 0;
    std::optional<Bytes> outblob;
    uint64_t outblob_generation = 0;  // what generation was when it was made
    bool removed = false;
  };

  void take_inblob(Entry& entry, Bytes bytes);
  KernelResult<Bytes> read_outblob(Entry& entry);
  KernelResult<Bytes> new_quote(const Entry& entry);
  KernelResult<void> ask_host();

  MakeQuote make_quote_;
  Faults& faults_;
  KernelTime time_;
  std::chrono::milliseconds timeout_;

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Entry>, std::less<>> entries_;
  // Until when the host has the buffer of a request that nobody waits for any more.
  std::chrono::steady_clock::time_point host_busy_until_{};
  bool wedged_ = false;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MOUNT_TSM_H_
