// Entries of configfs-tsm as directories, and what the kernel's errors about them mean.

#ifndef QUOIN_SRC_TD_TSM_ENTRY_H_
#define QUOIN_SRC_TD_TSM_ENTRY_H_

#include <string>
#include <string_view>

#include "src/os/file_lock.h"
#include "src/td/tsm.h"

namespace quoin::td {

// What errno says of an attribute, or of "mkdir", and what to do (drivers/virt/coco/guest/report.c
// and drivers/virt/coco/tdx-guest/tdx-guest.c).
Error tsm_error(std::string_view attribute, int error);

// The lock on the directory that everybody of Quoin holds who has an entry in it.
Result<FileLock> lock_tsm(const std::string& directory, Deadline deadline);

// Removes the entries of Quoin that are there. With the lock held nobody uses one: they are left
// from processes that were killed.
void remove_stale_entries(const std::string& directory);

// An entry with a name that nobody else has, which is removed when the object goes.
class TsmDirectoryEntry final : public TsmEntry {
 public:
  // Fails with not_found (no directory, or no provider), permission, or io.
  static Result<TsmDirectoryEntry> create(const std::string& directory);

  TsmDirectoryEntry(TsmDirectoryEntry&& other) noexcept;
  TsmDirectoryEntry& operator=(TsmDirectoryEntry&&) = delete;
  ~TsmDirectoryEntry() override;

  TsmRead read(std::string_view attribute, size_t max_bytes) override;
  int write_inblob(ByteView bytes) override;

 private:
  explicit TsmDirectoryEntry(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty when moved from
};

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_TSM_ENTRY_H_
