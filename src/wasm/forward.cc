#include "src/wasm/forward.h"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>

namespace quoin {
namespace {

constexpr uint64_t kBufferBytes = uint64_t{64} * 1024;

// How much can be written to a descriptor that poll calls writable without any risk of waiting. A
// pipe that somebody else gave us may block, and has room for PIPE_BUF bytes then.
size_t safe_piece(int fd, size_t size) {
  struct stat about{};
  const bool is_file = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  return is_file ? size : std::min<size_t>(size, PIPE_BUF);
}

}  // namespace

Result<uint64_t> Forwarder::take(uint64_t allowed) {
  const uint64_t wanted = std::min(allowed, kBufferBytes - 1) + 1;
  buffer_.resize(static_cast<size_t>(wanted));
  const ssize_t got = read(source_.get(), buffer_.data(), buffer_.size());
  const int error = errno;
  buffer_.resize(got < 0 ? 0 : static_cast<size_t>(got));
  if (got < 0 && (error == EAGAIN || error == EINTR)) return 0;
  if (got < 0) return system_error("reading the program's output", error);
  if (got == 0) source_.reset();
  const uint64_t taken = buffer_.size();
  buffer_.resize(static_cast<size_t>(std::min(taken, allowed)));
  if (target_ < 0) {
    hash_.update(buffer_);
    size_ += buffer_.size();
    buffer_.clear();
  }
  return taken;
}

Result<bool> Forwarder::hand_on() {
  // What the caller saw may be over: the other stream may have filled the same pipe since.
  pollfd target{target_, POLLOUT, 0};
  if (poll(&target, 1, 0) == 0) return true;
  const ssize_t put = write(target_, buffer_.data(), safe_piece(target_, buffer_.size()));
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (put < 0 && errno == EPIPE) return false;
  if (put < 0) return system_error("writing the program's output", errno);
  const ByteView done = ByteView(buffer_).first(static_cast<size_t>(put));
  hash_.update(done);
  size_ += done.size();
  buffer_.erase(buffer_.begin(), buffer_.begin() + put);
  return true;
}

}  // namespace quoin
