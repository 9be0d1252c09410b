#include "src/simulator/private_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"

namespace quoin::simulator {
namespace {

constexpr mode_t kForOthers = S_IRWXG | S_IRWXO;

// Refuses what others own, read or change: whoever can put a seed there knows all keys.
Result<void> require_private(const File& file, std::string_view what) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(what);
  if (status.st_uid != geteuid()) {
    return state_refused(std::string(what) + " belongs to another user");
  }
  if ((status.st_mode & kForOthers) != 0) {
    return state_refused(std::string(what) + " is open to other users: wanted mode 0" +
                         (S_ISDIR(status.st_mode) ? "700" : "600"));
  }
  return {};
}

Result<File> checked(File file, std::string_view what) {
  if (!file.is_open()) return system_error(what);
  TRY(require_private(file, what));
  return file;
}

Result<void> write_all(const File& file, ByteView bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t count = write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(what);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  if (fsync(file.get()) != 0) return system_error(what);
  return {};
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

Error system_error(std::string_view what) {
  const int number = errno;
  ErrorCode code = ErrorCode::io;
  if (number == ENOENT) code = ErrorCode::not_found;
  if (number == EACCES || number == EPERM) code = ErrorCode::permission;
  // What O_NOFOLLOW says of a symbolic link.
  if (number == ELOOP || number == ENOTDIR) code = ErrorCode::refused;
  return {code, "simulator's state: " + std::string(what) + ": " +
                    std::generic_category().message(number)};
}

Error state_refused(std::string_view what) {
  return {ErrorCode::refused, "simulator's state: " + std::string(what)};
}

Error state_malformed(std::string_view what) {
  return {ErrorCode::malformed, "simulator's state: " + std::string(what)};
}

Result<void> create_private_directory(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) {
    return Error{ErrorCode::io, "simulator's state: " + path + ": " + error.message()};
  }
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_error(path);
  return {};
}

Result<File> open_private_directory(const std::string& path) {
  return checked(File(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)), path);
}

Result<File> open_private_directory(const File& parent, const std::string& name) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  return checked(File(openat(parent.get(), name.c_str(), kFlags)), name);
}

Result<File> open_private_file(const File& directory, const std::string& name) {
  // O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  File file = TRY(checked(File(openat(directory.get(), name.c_str(), kFlags)), name));
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(name);
  if (!S_ISREG(status.st_mode)) return state_refused(name + " is not a file");
  return file;
}

Result<size_t> file_size(const File& file, std::string_view what) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(what);
  return static_cast<size_t>(status.st_size);
}

Result<void> read_exactly(const File& file, std::span<uint8_t> out, std::string_view what) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = read(file.get(), out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(what);
    if (count == 0) return state_malformed(std::string(what) + " is too short");
    done += static_cast<size_t>(count);
  }
  return {};
}

std::string random_name(std::string_view prefix) {
  ByteArray<16> random{};
  fill_random(random);
  return "." + std::string(prefix) + "." + to_hex(random);
}

TemporaryFile::TemporaryFile(const File& directory, std::string name)
    : directory_(directory), name_(std::move(name)) {
  unlinkat(directory_.get(), name_.c_str(), 0);
}

TemporaryFile::~TemporaryFile() { unlinkat(directory_.get(), name_.c_str(), 0); }

Result<void> TemporaryFile::write(ByteView bytes, mode_t mode) {
  const File file(openat(directory_.get(), name_.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.is_open()) return system_error(name_);
  if (fchmod(file.get(), mode) != 0) return system_error(name_);
  return write_all(file, bytes, name_);
}

Result<void> TemporaryFile::rename_to(const std::string& name) {
  if (renameat(directory_.get(), name_.c_str(), directory_.get(), name.c_str()) != 0) {
    return system_error(name);
  }
  return {};
}

}  // namespace quoin::simulator
