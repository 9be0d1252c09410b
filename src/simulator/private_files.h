// Files that hold the keys and the TDs of one user: looked at before they are believed, and
// replaced whole or not at all.

#ifndef QUOIN_SRC_SIMULATOR_PRIVATE_FILES_H_
#define QUOIN_SRC_SIMULATOR_PRIVATE_FILES_H_

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::simulator {

// A file descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File();
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;

  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// What the system call that has just failed said of `what`.
Error system_error(std::string_view what);

Error state_refused(std::string_view what);
Error state_malformed(std::string_view what);

// Makes the directory with mode 0700, and with the system's default mode those above it. One that
// is there already is left as it is.
Result<void> create_private_directory(const std::string& path);

// Opens a directory. Fails with refused when it belongs to another user, is a symbolic link, or can
// be read or changed by others; with not_found, permission or io.
Result<File> open_private_directory(const std::string& path);
// The same for one in `parent`.
Result<File> open_private_directory(const File& parent, const std::string& name);

// Opens a file in `directory` for reading. Fails likewise, and with refused when it is no regular
// file.
Result<File> open_private_file(const File& directory, const std::string& name);

// The size of a file.
Result<size_t> file_size(const File& file, std::string_view what);

// All of a file that has exactly the size of `out`. Fails with malformed when it is shorter.
Result<void> read_exactly(const File& file, std::span<uint8_t> out, std::string_view what);

// A name that nobody else has, which begins with "." and `prefix`.
std::string random_name(std::string_view prefix);

// A file that stands in `directory`, which must outlive it, until it is renamed, or until the
// object ends.
class TemporaryFile {
 public:
  // What a crash has left under that name goes away: it is random, or whoever uses it has a lock.
  TemporaryFile(const File& directory, std::string name);
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  // Makes the file and sees it to the disk. The mode is as it is given, whatever the umask says.
  Result<void> write(ByteView bytes, mode_t mode);
  // Takes the place of what stands under `name`, if anything does.
  Result<void> rename_to(const std::string& name);

  const char* name() const { return name_.c_str(); }

 private:
  const File& directory_;
  std::string name_;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_PRIVATE_FILES_H_
