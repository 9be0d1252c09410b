// Where security events go.

#ifndef QUOIN_SRC_OS_SECURITY_LOG_H_
#define QUOIN_SRC_OS_SECURITY_LOG_H_

#include <string>

#include "quoin/result.h"
#include "src/base/security_event.h"
#include "src/os/unique_fd.h"

namespace quoin {

// A file that lines are appended to, by any number of processes at once: each line is one write(2).
// Who decides something writes the line before it acts, and does not act where that fails.
// Thread-safe; movable.
class SecurityLog {
 public:
  // Nothing is written anywhere.
  SecurityLog() = default;

  // Appends to the file, which is made with mode 0600 when it is not there; "-" is standard error.
  // Never follows a symbolic link in the path's last part. Fails with not_found, permission, io, or
  // refused (a directory, or what belongs to another user or can be changed by others: who can
  // write it could take lines away).
  static Result<SecurityLog> open(const std::string& path);

  // Fails as system calls do; what has been written then is at most a line that is cut off.
  Result<void> write(const SecurityEvent& event) const;

 private:
  explicit SecurityLog(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_OS_SECURITY_LOG_H_
