#include "src/channel/socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace quoin::channel {
namespace {

Result<void> wait_for(int fd, short events, const Deadline& deadline) {
  pollfd polled = {.fd = fd, .events = events, .revents = 0};
  for (;;) {
    // Asked first: who sends a byte now and then is always ready.
    if (deadline.passed()) return Error{ErrorCode::timed_out, "the peer took too long"};
    const int ready = poll(&polled, 1, deadline.poll_timeout());
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return system_error("poll", errno);
  }
}

}  // namespace

Error system_error(const char* what, int error_number) {
  return {ErrorCode::io, std::string(what) + ": " + std::generic_category().message(error_number)};
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<void> Socket::make_nonblocking() const {
  int type = 0;
  socklen_t size = sizeof(type);
  if (getsockopt(fd_, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
    return Error{ErrorCode::invalid_argument, "not a stream socket"};
  }
  const int flags = fcntl(fd_, F_GETFL);
  if (flags < 0 || fcntl(fd_, F_SETFL, flags | O_NONBLOCK) != 0) {
    return system_error("fcntl", errno);
  }
  return {};
}

Result<void> Socket::wait_readable(const Deadline& deadline) const {
  return wait_for(fd_, POLLIN, deadline);
}

Result<void> Socket::wait_writable(const Deadline& deadline) const {
  return wait_for(fd_, POLLOUT, deadline);
}

}  // namespace quoin::channel
