#include "src/cli/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/os/io.h"

namespace quoin::cli {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;

Error system_error(std::string what, int error_number) {
  ErrorCode code = ErrorCode::io;
  if (error_number == ENOENT || error_number == ENOTDIR) code = ErrorCode::not_found;
  if (error_number == EACCES || error_number == EPERM) code = ErrorCode::permission;
  if (error_number == EISDIR) code = ErrorCode::invalid_argument;
  return {code, std::move(what) + ": " + std::strerror(error_number)};
}

Result<Bytes> read_all(int fd, const std::string& name, size_t max_bytes) {
  Bytes bytes;
  for (;;) {
    const size_t before = bytes.size();
    bytes.resize(before + kChunkBytes);
    const ssize_t count = ::read(fd, bytes.data() + before, kChunkBytes);
    const int error_number = errno;
    bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0 && error_number == EINTR) continue;
    if (count < 0) return system_error("cannot read " + name, error_number);
    if (count == 0) return bytes;
    if (bytes.size() > max_bytes) {
      return Error{ErrorCode::too_large,
                   name + " is larger than " + std::to_string(max_bytes) + " bytes"};
    }
  }
}

Result<void> write_all(int fd, const std::string& path, ByteView contents) {
  while (!contents.empty()) {
    const ssize_t count = ::write(fd, contents.data(), contents.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot write " + path, errno);
    contents = contents.subspan(static_cast<size_t>(count));
  }
  return {};
}

}  // namespace

Result<Inputs::Opened> Inputs::open(std::string_view path) {
  if (path == "-") {
    if (stdin_read_) {
      return Error{ErrorCode::invalid_argument, "standard input can be read only once",
                   "name a file for all but one of them"};
    }
    stdin_read_ = true;
    return Opened{.file = {}, .fd = stdin_fd_, .name = "standard input"};
  }
  std::string name(path);
  // Opening a FIFO or a device may block; only the user can have named it.
  UniqueFd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return system_error("cannot open " + name, errno);
  const int fd = file.get();
  return Opened{.file = std::move(file), .fd = fd, .name = std::move(name)};
}

Result<Bytes> Inputs::read(std::string_view path, size_t max_bytes) {
  const Opened opened = TRY(open(path));
  return read_all(opened.fd, opened.name, max_bytes);
}

Result<SecretBytes> Inputs::read_secret(std::string_view path, size_t max_bytes) {
  const Opened opened = TRY(open(path));
  return quoin::read_secret(opened.fd, max_bytes, opened.name);
}

InputStream::InputStream(int fd, bool is_owned, std::string name)
    : fd_(fd), is_owned_(is_owned), name_(std::move(name)) {}

InputStream::InputStream(InputStream&& other) noexcept
    : fd_(other.fd_),
      is_owned_(std::exchange(other.is_owned_, false)),
      name_(std::move(other.name_)) {}

InputStream::~InputStream() {
  if (is_owned_) close(fd_);
}

Result<InputStream> InputStream::open(std::string_view path, int stdin_fd) {
  if (path == "-") return InputStream(stdin_fd, false, "standard input");
  std::string name(path);
  // Opening a FIFO or a device may block; only the user can have named it.
  const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    Error error = system_error("cannot open " + name, errno);
    // A mistake of the command line.
    if (error.code == ErrorCode::not_found) error.code = ErrorCode::invalid_argument;
    return error;
  }
  return InputStream(fd, true, std::move(name));
}

Result<size_t> InputStream::read(std::span<uint8_t> out) const {
  for (;;) {
    const ssize_t count = ::read(fd_, out.data(), out.size());
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR) return system_error("cannot read " + name_, errno);
  }
}

std::optional<uint64_t> InputStream::size() const {
  struct stat status{};
  if (fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return static_cast<uint64_t>(status.st_size);
}

OutputFile::OutputFile(int directory, std::string path, std::string name)
    : directory_(directory), path_(std::move(path)), name_(std::move(name)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)) {}

OutputFile::~OutputFile() {
  if (directory_ >= 0) close(directory_);
}

Result<OutputFile> OutputFile::open(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty()) return system_error("cannot write " + path, path.empty() ? ENOENT : EISDIR);
  const int directory = ::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return system_error("cannot write " + path, errno);
  OutputFile file(directory, path, std::move(name));
  TRY(file.check());
  return file;
}

Result<void> OutputFile::check() const {
  // Renaming onto /dev/stdout would replace it for everybody.
  struct stat status{};
  if (fstatat(directory_, name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      !S_ISREG(status.st_mode)) {
    return Error{ErrorCode::invalid_argument, path_ + " is there, and is not a regular file",
                 "name a file that can be replaced"};
  }
  if (faccessat(directory_, ".", W_OK | X_OK, 0) != 0) {
    return system_error("cannot write " + path_, errno);
  }
  return {};
}

Result<PendingFile> OutputFile::begin(mode_t mode) const {
  TRY(check());
  ByteArray<8> suffix{};
  fill_random(suffix);
  PendingFile file(fcntl(directory_, F_DUPFD_CLOEXEC, 0), path_, name_,
                   name_ + "." + to_hex(suffix), mode);
  // For nobody else until it is whole.
  file.fd_ = openat(file.directory_, file.temporary_.c_str(),
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file.fd_ >= 0) return file;
  const int error_number = errno;
  file.temporary_.clear();
  return system_error("cannot write " + path_, error_number);
}

Result<void> OutputFile::write(ByteView contents) const {
  // A receipt is made to be handed on.
  PendingFile file = TRY(begin(S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
  TRY(file.write(contents));
  return file.commit();
}

PendingFile::PendingFile(int directory, std::string path, std::string name, std::string temporary,
                         mode_t mode)
    : directory_(directory),
      path_(std::move(path)),
      name_(std::move(name)),
      temporary_(std::move(temporary)),
      mode_(mode) {}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : directory_(std::exchange(other.directory_, -1)),
      fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      mode_(other.mode_) {}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) unlinkat(directory_, temporary_.c_str(), 0);
  if (fd_ >= 0) close(fd_);
  if (directory_ >= 0) close(directory_);
}

Result<void> PendingFile::write(ByteView bytes) const { return write_all(fd_, path_, bytes); }

Result<void> PendingFile::commit() {
  // The mode as it is, whatever the umask says.
  if (fchmod(fd_, mode_) != 0 || fsync(fd_) != 0 || close(std::exchange(fd_, -1)) != 0 ||
      renameat(directory_, temporary_.c_str(), directory_, name_.c_str()) != 0) {
    return system_error("cannot write " + path_, errno);
  }
  temporary_.clear();
  return {};
}

Result<void> write_file(const std::string& path, ByteView contents) {
  const OutputFile file = TRY(OutputFile::open(path));
  return file.write(contents);
}

}  // namespace quoin::cli
