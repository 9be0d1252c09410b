// A file descriptor that is closed when its owner goes.

#ifndef QUOIN_SRC_OS_UNIQUE_FD_H_
#define QUOIN_SRC_OS_UNIQUE_FD_H_

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "quoin/result.h"

namespace quoin {

// Owns one descriptor, or none (-1). Not thread-safe.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() { reset(); }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

// The Error for a system call that failed with `error`: `what` names what was being done.
inline Error system_error(std::string what, int error) {
  ErrorCode code = ErrorCode::io;
  if (error == ENOENT || error == ENOTDIR) code = ErrorCode::not_found;
  if (error == EACCES || error == EPERM || error == EROFS) code = ErrorCode::permission;
  return {code, std::move(what) + ": " + std::strerror(error)};
}

// The descriptor, or the Error of the call that should have given it. Read errno at once.
inline Result<UniqueFd> owned(int fd, std::string what) {
  if (fd < 0) return system_error(std::move(what), errno);
  return UniqueFd(fd);
}

}  // namespace quoin

#endif  // QUOIN_SRC_OS_UNIQUE_FD_H_
