// Which files a run read and wrote, by digest.

#ifndef QUOIN_SRC_WASM_FILE_RECORD_H_
#define QUOIN_SRC_WASM_FILE_RECORD_H_

#include <sys/stat.h>

#include <compare>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/os/deadline.h"
#include "src/wasm/run.h"

namespace quoin {

// The most files that one run's record may name.
inline constexpr size_t kMaxRecordedFiles = 10'000;

// SHA-256 and size of the regular file, from its beginning to its end, without moving its offset.
// Fails with ErrorCode::timed_out at the deadline and with ErrorCode::io.
Result<StreamDigest> hash_file(int fd, Deadline deadline);

// A file by its place: the number of the preopened directory, and the path in it.
struct FileName {
  size_t preopen = 0;
  std::string path;

  auto operator<=>(const FileName&) const = default;
};

// What tells that a file is still the one it was: device, inode, size, and the times of the last
// change of content and of anything.
struct FileState {
  std::pair<dev_t, ino_t> inode;
  off_t size = 0;
  std::pair<time_t, long> modified;
  std::pair<time_t, long> changed;

  explicit FileState(const struct stat& about)
      : inode(about.st_dev, about.st_ino),
        size(about.st_size),
        modified(about.st_mtim.tv_sec, about.st_mtim.tv_nsec),
        changed(about.st_ctim.tv_sec, about.st_ctim.tv_nsec) {}

  auto operator<=>(const FileState&) const = default;
};

// Told by the broker what happens, in order. Not thread-safe.
class FileRecord {
 public:
  // The guest gets the file to read; it has not seen any of it yet. Fails with ErrorCode::refused
  // when the file is not what it was when it was read under this name before, and nobody in the
  // run wrote to it; with ErrorCode::too_large when there are too many files; and as hash_file
  // does.
  Result<void> open_to_read(const FileName& name, int fd, const struct stat& about,
                            Deadline deadline);

  // The guest can write to the file from now on. Also for a file that it made.
  Result<void> open_to_write(const FileName& name, const struct stat& about);

  // The guest cannot read the file any more, or the run ends. `opened` is what it was when it was
  // opened. Fails with ErrorCode::refused when somebody else changed it meanwhile.
  Result<void> close_read(const FileName& name, int fd, const FileState& opened,
                          Deadline deadline) const;

  // A file or a directory has another name now; `is_file` says that it is a regular file.
  Result<void> rename(const FileName& from, const FileName& to, bool is_file);
  // A regular file has one more name.
  Result<void> link(const FileName& name);

  const std::map<FileName, StreamDigest>& inputs() const { return inputs_; }
  // Names of what may have been written, whether or not it still exists.
  const std::set<FileName>& outputs() const { return outputs_; }

 private:
  Result<void> add_output(const FileName& name);

  std::map<FileName, StreamDigest> inputs_;
  std::set<FileName> outputs_;
  std::set<std::pair<dev_t, ino_t>> written_;
  // So that opening a file a thousand times does not hash it a thousand times.
  std::map<FileState, StreamDigest> known_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_FILE_RECORD_H_
