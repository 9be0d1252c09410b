// A lock that processes and threads share through a file or a directory.

#ifndef QUOIN_SRC_OS_FILE_LOCK_H_
#define QUOIN_SRC_OS_FILE_LOCK_H_

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/os/unique_fd.h"

namespace quoin {

// Holds flock(2) on a file as long as it lives. Each lock is one of its own, so that it keeps out
// other threads of the process as well. Movable; not thread-safe.
//
// The process that took the lock has it, and no child that is forked under it: the child's copy of
// this object lets go of nothing. Where the process is killed, the kernel lets go for it; but if it
// had forked, only when those children that have not called execve(2) end too.
class FileLock {
 public:
  ~FileLock() { let_go(); }
  FileLock(FileLock&& other) noexcept = default;
  FileLock& operator=(FileLock&& other) noexcept;

  // Of something that is there: a directory, say. Fails with timed_out when somebody else holds it
  // until the deadline, and with not_found, permission or io.
  static Result<FileLock> of_existing(const std::string& path, Deadline deadline);

  // Of a file in the directory `directory`, a descriptor, that is made with mode 0600 when it is
  // not there. Never follows a symbolic link. Fails likewise.
  static Result<FileLock> in(int directory, const std::string& name, Deadline deadline);

 private:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}

  static Result<FileLock> lock(UniqueFd file, const std::string& what, Deadline deadline);

  // Closing is not enough: the lock is the open file's (flock(2)), which a forked child keeps open.
  void let_go();

  pid_t owner_ = getpid();  // who took it
  UniqueFd file_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_OS_FILE_LOCK_H_
