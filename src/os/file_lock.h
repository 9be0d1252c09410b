// A lock that processes and threads share through a file or a directory.

#ifndef QUOIN_SRC_OS_FILE_LOCK_H_
#define QUOIN_SRC_OS_FILE_LOCK_H_

#include <string>

#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/os/unique_fd.h"

namespace quoin {

// Holds flock(2) on a file as long as it lives; the kernel lets go of it when the process ends,
// however it ends. Each lock is one of its own, so that it keeps out other threads of the process
// as well. Movable; not thread-safe.
class FileLock {
 public:
  // Of something that is there: a directory, say. Fails with timed_out when somebody else holds it
  // until the deadline, and with not_found, permission or io.
  static Result<FileLock> of_existing(const std::string& path, Deadline deadline);

  // Of a file in the directory `directory`, a descriptor, that is made with mode 0600 when it is
  // not there. Never follows a symbolic link. Fails likewise.
  static Result<FileLock> in(int directory, const std::string& name, Deadline deadline);

 private:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}

  static Result<FileLock> lock(UniqueFd file, const std::string& what, Deadline deadline);

  UniqueFd file_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_OS_FILE_LOCK_H_
