#include "src/os/security_log.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "src/base/try.h"
#include "src/os/io.h"

namespace quoin {
namespace {

constexpr mode_t kMode = S_IRUSR | S_IWUSR;

// Pipes and terminals are as private as whoever set them up made them.
Result<void> check_owner(int fd, const std::string& path) {
  struct stat status{};
  if (fstat(fd, &status) != 0) return system_error("cannot look at " + path, errno);
  if (!S_ISREG(status.st_mode)) return {};
  if (status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return Error{ErrorCode::refused, path + ": others can change it",
               "make it a file of your own, mode 0600"};
}

}  // namespace

Result<SecurityLog> SecurityLog::open(const std::string& path) {
  if (path == "-") return SecurityLog(TRY(owned(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), path)));
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  UniqueFd file = TRY(owned(::open(path.c_str(), kFlags, kMode), "cannot open " + path));
  // A pipe without a reader does not open; one with a slow reader is waited for.
  if (fcntl(file.get(), F_SETFL, O_APPEND) != 0) return system_error(path, errno);
  TRY(check_owner(file.get(), path));
  return SecurityLog(std::move(file));
}

Result<void> SecurityLog::write(const SecurityEvent& event) const {
  if (!file_.valid()) return {};
  return write_all(file_.get(), as_bytes(event.line()), "the security log");
}

}  // namespace quoin
