#include "src/wasm/resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <climits>

#include "src/base/utf8.h"

namespace quoin {
namespace {

// openat2 says EAGAIN when somebody renames things while it looks. Whoever does nothing else must
// not hold us up.
constexpr int kMaxTries = 64;

}  // namespace

bool can_be_named(std::string_view path) {
  while (!path.empty()) {
    const size_t length = utf8_length(path);
    if (length == 0 || path.front() == '\0') return false;
    path.remove_prefix(length);
  }
  return true;
}

UniqueFd open_beneath(int directory, const std::string& path, int flags, mode_t mode) {
  if (!can_be_named(path)) {
    errno = EILSEQ;
    return UniqueFd();
  }
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  if ((flags & O_PATH) == 0) how.flags |= O_NOCTTY | O_NONBLOCK;
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  for (int tries = 0; tries < kMaxTries; ++tries) {
    fd = syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return UniqueFd(static_cast<int>(fd));
}

bool kernel_has_openat2() {
  const UniqueFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return open_beneath(root.get(), ".", O_PATH | O_DIRECTORY).valid();
}

std::optional<ParentAndName> open_parent(int directory, std::string_view path, bool is_directory) {
  while (is_directory && path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  const std::string_view name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (name.empty() || name == "." || name == "..") {
    errno = path.empty() ? ENOENT : (name.empty() ? ENOTDIR : EINVAL);
    return std::nullopt;
  }
  if (!can_be_named(name)) {
    errno = EILSEQ;
    return std::nullopt;
  }
  // The slash stays: a path that begins with one must be seen to lead outside.
  const std::string parent(slash == std::string_view::npos ? "." : path.substr(0, slash + 1));
  ParentAndName result{open_beneath(directory, parent, O_PATH | O_DIRECTORY), std::string(name)};
  if (!result.parent.valid()) return std::nullopt;
  return result;
}

std::optional<std::string> path_of(int fd) {
  struct stat about{};
  if (fstat(fd, &about) != 0 || about.st_nlink == 0) return std::nullopt;
  std::array<char, PATH_MAX> buffer;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), buffer.data(), buffer.size());
  if (size <= 0 || static_cast<size_t>(size) >= buffer.size() || buffer[0] != '/') {
    return std::nullopt;
  }
  return std::string(buffer.data(), static_cast<size_t>(size));
}

}  // namespace quoin
