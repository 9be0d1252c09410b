// A connected stream socket that never blocks, and waiting for it.

#ifndef QUOIN_SRC_CHANNEL_SOCKET_H_
#define QUOIN_SRC_CHANNEL_SOCKET_H_

#include <utility>

#include "quoin/result.h"
#include "src/channel/deadline.h"

namespace quoin::channel {

// Owns a descriptor, or none (-1). Not thread-safe.
class Socket {
 public:
  Socket() = default;
  // Takes `fd` over.
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

  // Makes every call return at once. Fails with invalid_argument when it is no stream socket.
  Result<void> make_nonblocking() const;

  // Waits until the socket can be read, or written; that it failed counts as both. Fails with
  // timed_out, also when it could be read but the deadline has passed, and with io.
  Result<void> wait_readable(const Deadline& deadline) const;
  Result<void> wait_writable(const Deadline& deadline) const;

 private:
  void close();

  int fd_ = -1;
};

// What the system call that failed with `error_number` means.
Error system_error(const char* what, int error_number);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_SOCKET_H_
