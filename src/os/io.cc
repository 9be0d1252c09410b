#include "src/os/io.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "src/base/try.h"
#include "src/os/unique_fd.h"

namespace quoin {
namespace {

constexpr size_t kChunkBytes = size_t{16} << 10;

Error larger_than(size_t max_bytes, std::string_view what) {
  return {ErrorCode::too_large,
          std::string(what) + " is larger than " + std::to_string(max_bytes) + " bytes"};
}

}  // namespace

Result<Bytes> read_to_end(int fd, size_t max_bytes, std::string_view what) {
  Bytes bytes;
  for (;;) {
    const size_t before = bytes.size();
    // One byte more than allowed tells what ends there from what goes on.
    const size_t wanted = std::min(kChunkBytes, max_bytes - before + 1);
    bytes.resize(before + wanted);
    const ssize_t count = read(fd, bytes.data() + before, wanted);
    const int error = errno;
    bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && error == EINTR) continue;
    if (count < 0) return system_error("cannot read " + std::string(what), error);
    if (count == 0) return bytes;
    if (bytes.size() > max_bytes) return larger_than(max_bytes, what);
  }
}

Result<SecretBytes> read_secret(int fd, size_t max_bytes, std::string_view what) {
  // It cannot grow, and the size of a pipe is not known before its end.
  SecretBytes room(max_bytes + 1);
  size_t size = 0;
  for (;;) {
    const std::span<uint8_t> left = room.mutable_view().subspan(size);
    const ssize_t count = read(fd, left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot read " + std::string(what), errno);
    if (count == 0) break;
    size += static_cast<size_t>(count);
    if (size > max_bytes) return larger_than(max_bytes, what);
  }
  SecretBytes contents(size);
  std::ranges::copy(room.view().first(size), contents.mutable_view().begin());
  return contents;
}

Result<void> write_all(int fd, ByteView bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot write " + std::string(what), errno);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

Result<Bytes> read_file(const std::string& path, size_t max_bytes) {
  const UniqueFd file =
      TRY(owned(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), "cannot open " + path));
  return read_to_end(file.get(), max_bytes, path);
}

Result<void> wait_for(int fd, short events, Deadline deadline, std::string_view what) {
  for (;;) {
    pollfd waiting = {.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&waiting, 1, poll_timeout(deadline));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return system_error(std::string(what), errno);
    if (has_passed(deadline)) {
      return Error{ErrorCode::timed_out, std::string(what) + ": no answer in time"};
    }
  }
}

bool pause_for(std::chrono::milliseconds time, Deadline deadline) {
  std::this_thread::sleep_for(std::min(time, remaining(deadline)));
  return !has_passed(deadline);
}

}  // namespace quoin
