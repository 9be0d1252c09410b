// All the files of a TD, under the paths that the kernel has for them.

#ifndef QUOIN_SRC_SIMULATOR_MOUNT_TREE_H_
#define QUOIN_SRC_SIMULATOR_MOUNT_TREE_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/result.h"
#include "src/simulator/faults.h"
#include "src/simulator/mount_file.h"
#include "src/simulator/mount_tsm.h"
#include "src/simulator/simulated_td.h"

namespace quoin::simulator {

// What stat(2) says.
struct NodeStatus {
  bool directory = false;
  mode_t mode = 0;  // the permission bits
  uint64_t size = 0;
};

// Below its root "/": dev/tdx_guest, sys/kernel/config/tsm/report/,
// sys/devices/virtual/misc/tdx_guest/measurements/, sys/firmware/acpi/tables/{CCEL,data/CCEL},
// sys/firmware/efi/efivars/, proc/sys/kernel/random/boot_id and proc/cpuinfo. Paths begin with "/"
// and have no "." and "..". Thread-safe; files that were opened are not, and must not outlive it.
class GuestTree {
 public:
  // `td` and `faults` must outlive it. The firmware's files are those that the TD has now: they
  // change at a boot only. Fails as SimulatedTd::load() does.
  static Result<std::unique_ptr<GuestTree>> make(
      SimulatedTd& td, Faults& faults, KernelTime time,
      std::chrono::milliseconds quote_timeout = TsmReports::kQuoteTimeout);

  KernelResult<NodeStatus> status(std::string_view path) const;
  KernelResult<std::vector<std::string>> list(std::string_view path) const;
  KernelResult<void> make_directory(std::string_view path);
  KernelResult<void> remove_directory(std::string_view path);
  // EACCES for a file that nobody may read, or write: root too.
  KernelResult<std::unique_ptr<KernelFile>> open(std::string_view path, bool to_read,
                                                 bool to_write);

 private:
  GuestTree(SimulatedTd& td, Faults& faults, KernelTime time,
            std::chrono::milliseconds quote_timeout, std::vector<FileEntry> files);

  const FileEntry* find_file(std::string_view path) const;
  void add_directories(std::string_view path);

  TsmReports reports_;
  std::vector<FileEntry> files_;
  std::set<std::string, std::less<>> directories_;  // without the report entries
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MOUNT_TREE_H_
