#include "src/td/tsm_entry.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/os/unique_fd.h"

namespace quoin::td {
namespace {

constexpr std::string_view kPrefix = "quoin-";
constexpr size_t kChunkBytes = size_t{16} << 10;

// What an errno means, whichever attribute it is about, unless it is the host's answer: the kernel
// asks the host where `outblob` is read, and nowhere else.
struct Meaning {
  int error = 0;
  ErrorCode code = ErrorCode::io;
  std::string_view what;
  std::string_view hint;
  bool is_hosts_answer = false;
};

constexpr std::string_view kHostHint =
    "on the host, look at the quote generation service: systemctl status qgsd, journalctl -u qgsd; "
    "and at the virtual machine's quote-generation-socket";

constexpr Meaning kMeanings[] = {
    {ENOENT, ErrorCode::not_found, "it is not there",
     "Linux has configfs-tsm since 6.7: modprobe tdx_guest, and mount -t configfs none "
     "/sys/kernel/config; in a container, bind-mount it"},
    {ENXIO, ErrorCode::not_found, "no provider answers",
     "this is no TDX trust domain, or its driver is not loaded (modprobe tdx_guest)"},
    {EACCES, ErrorCode::permission, "permission denied", "only root may ask for quotes"},
    {EPERM, ErrorCode::permission, "permission denied", "only root may ask for quotes"},
    {EROFS, ErrorCode::permission, "the file system is read-only",
     "in a container, bind-mount /sys/kernel/config so that it can be written"},
    {EBUSY, ErrorCode::io,
     "busy: an earlier request timed out, and the host still owns the buffer that it shares with "
     "the kernel",
     "it stays so until the host answers that request; restart the quote generation service on the "
     "host, or else the TD"},
    {EINTR, ErrorCode::io, "interrupted by a signal each time", "ask again"},
    {ETIMEDOUT, ErrorCode::timed_out, "the host did not answer in time", kHostHint, true},
    {EIO, ErrorCode::io, "the host could not make a quote", kHostHint, true},
    {EFBIG, ErrorCode::too_large, "what the host gave is too large", kHostHint, true},
    {EFBIG, ErrorCode::too_large, "too large",
     "find out what is mounted there: Linux's configfs does not answer so"},
    {EINVAL, ErrorCode::io, "the driver refused the request",
     "it takes 64 bytes of report data, and nothing else"},
};

}  // namespace

Error tsm_error(std::string_view attribute, int error) {
  const std::string where = "configfs-tsm: " + std::string(attribute) + ": ";
  const bool asks_host = attribute == "outblob";
  const auto* meaning = std::ranges::find_if(kMeanings, [&](const Meaning& one) {
    return one.error == error && (asks_host || !one.is_hosts_answer);
  });
  if (meaning == std::end(kMeanings)) {
    return {ErrorCode::io, where + std::strerror(error), "the kernel's log says more (dmesg)"};
  }
  return {meaning->code, where + std::string(meaning->what), std::string(meaning->hint)};
}

Result<FileLock> lock_tsm(const std::string& directory, Deadline deadline) {
  Result<FileLock> lock = FileLock::of_existing(directory, deadline);
  if (lock.ok()) return lock;
  Error error = lock.error();
  if (error.code == ErrorCode::not_found) error.hint = tsm_error("", ENOENT).hint;
  if (error.code == ErrorCode::permission) error.hint = tsm_error("", EACCES).hint;
  return error;
}

void remove_stale_entries(const std::string& directory) {
  std::error_code ignored;
  std::vector<std::filesystem::path> stale;
  for (std::filesystem::directory_iterator entry(directory, ignored), end; entry != end;
       entry.increment(ignored)) {
    if (entry->path().filename().native().starts_with(kPrefix)) stale.push_back(entry->path());
    if (ignored) break;
  }
  for (const auto& path : stale) rmdir(path.c_str());
}

Result<TsmDirectoryEntry> TsmDirectoryEntry::create(const std::string& directory) {
  ByteArray<16> random{};
  fill_random(random);
  std::string path = directory;
  path.append("/").append(kPrefix).append(to_hex(random));
  if (mkdir(path.c_str(), S_IRWXU) != 0) return tsm_error("mkdir", errno);
  return TsmDirectoryEntry(std::move(path));
}

TsmDirectoryEntry::TsmDirectoryEntry(TsmDirectoryEntry&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TsmDirectoryEntry::~TsmDirectoryEntry() {
  if (!path_.empty()) rmdir(path_.c_str());
}

TsmRead TsmDirectoryEntry::read(std::string_view attribute, size_t max_bytes) {
  const std::string path = path_ + "/" + std::string(attribute);
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return {.error = errno};
  Bytes bytes;
  for (;;) {
    const size_t before = bytes.size();
    bytes.resize(before + kChunkBytes);
    const ssize_t count = ::read(file.get(), bytes.data() + before, kChunkBytes);
    if (count < 0) return {.error = errno};
    bytes.resize(before + static_cast<size_t>(count));
    if (bytes.size() > max_bytes) return {.error = EFBIG};
    if (count == 0) return {.error = 0, .bytes = std::move(bytes)};
  }
}

int TsmDirectoryEntry::write_inblob(ByteView bytes) {
  const std::string path = path_ + "/inblob";
  UniqueFd file(open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return errno;
  const ssize_t count = write(file.get(), bytes.data(), bytes.size());
  if (count < 0) return errno;
  if (static_cast<size_t>(count) != bytes.size()) return EIO;
  return close(file.release()) == 0 ? 0 : errno;
}

}  // namespace quoin::td
