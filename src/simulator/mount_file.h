// Files as the kernel shows them: what a system call on one of them answers. Nothing here knows of
// FUSE, so that tests can ask without a mount.

#ifndef QUOIN_SRC_SIMULATOR_MOUNT_FILE_H_
#define QUOIN_SRC_SIMULATOR_MOUNT_FILE_H_

#include <sys/types.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "quoin/bytes.h"

namespace quoin::simulator {

// What a system call fails with: EINVAL, say.
struct Errno {
  int number = 0;
};

template <typename T>
using KernelResult = std::expected<T, Errno>;

inline std::unexpected<Errno> fails_with(int number) { return std::unexpected(Errno{number}); }

// One open file. Not thread-safe: the kernel has a lock for each, and so has whoever calls this.
class KernelFile {
 public:
  KernelFile() = default;
  virtual ~KernelFile() = default;
  KernelFile(const KernelFile&) = delete;
  KernelFile& operator=(const KernelFile&) = delete;

  // read(2) and write(2) at an offset, of files that have them. An empty read is the end.
  virtual KernelResult<Bytes> read(size_t /*size*/, uint64_t /*offset*/) {
    return fails_with(EINVAL);
  }
  virtual KernelResult<size_t> write(ByteView /*bytes*/, uint64_t /*offset*/) {
    return fails_with(EINVAL);
  }
  // ioctl(2): `data` is what the request's number says goes in and comes out.
  virtual KernelResult<void> ioctl(uint32_t /*request*/, std::span<uint8_t> /*data*/) {
    return fails_with(ENOTTY);
  }
  // close(2), which tells nobody what came of it. Can come more than once, as after fork(2).
  virtual void close() {}
};

// The part of `bytes` that read(2) gives.
inline Bytes part_of(ByteView bytes, size_t size, uint64_t offset) {
  if (offset >= bytes.size()) return {};
  const ByteView rest = bytes.subspan(static_cast<size_t>(offset));
  const ByteView part = rest.first(std::min(size, rest.size()));
  return Bytes(part.begin(), part.end());
}

// A file that has these bytes, and had them when it was opened.
class BytesFile final : public KernelFile {
 public:
  explicit BytesFile(Bytes bytes) : bytes_(std::move(bytes)) {}
  KernelResult<Bytes> read(size_t size, uint64_t offset) override {
    return part_of(bytes_, size, offset);
  }

 private:
  Bytes bytes_;
};

// A file that is there as long as the tree is.
struct FileEntry {
  std::string path;  // below the root of the tree, which it begins with: "/dev/tdx_guest"
  mode_t mode = 0;   // who may read and write; nobody can open it for what nobody may
  uint64_t size = 0;
  std::function<std::unique_ptr<KernelFile>()> open;
};

// What waits and knows the time, so that tests need not wait.
struct KernelTime {
  std::function<std::chrono::steady_clock::time_point()> now;
  // Waits that long. False when a signal came to whoever waits.
  std::function<bool(std::chrono::milliseconds)> wait;
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MOUNT_FILE_H_
