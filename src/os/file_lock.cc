#include "src/os/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "src/base/try.h"
#include "src/os/io.h"

namespace quoin {

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    let_go();
    owner_ = other.owner_;
    file_ = std::move(other.file_);
  }
  return *this;
}

void FileLock::let_go() {
  if (file_.valid() && owner_ == getpid()) flock(file_.get(), LOCK_UN);
  file_.reset();
}

Result<FileLock> FileLock::of_existing(const std::string& path, Deadline deadline) {
  UniqueFd file = TRY(owned(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), path));
  return lock(std::move(file), path, deadline);
}

Result<FileLock> FileLock::in(int directory, const std::string& name, Deadline deadline) {
  UniqueFd file = TRY(owned(
      openat(directory, name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600),
      name));
  return lock(std::move(file), name, deadline);
}

Result<FileLock> FileLock::lock(UniqueFd file, const std::string& what, Deadline deadline) {
  // flock(2) has no timeout, and an alarm would be the whole process's: so it is asked again and
  // again, at first quickly.
  constexpr std::chrono::milliseconds kLongestPause{50};
  std::chrono::milliseconds pause{1};
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error(what, errno);
    if (!pause_for(pause, deadline)) {
      return Error{ErrorCode::timed_out, what + ": somebody else holds the lock",
                   "fuser " + what + " says who"};
    }
    pause = std::min(2 * pause, kLongestPause);
  }
  return FileLock(std::move(file));
}

}  // namespace quoin
