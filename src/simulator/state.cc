#include "src/simulator/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "quoin/bytes.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/simulator/certificate_writer.h"
#include "src/simulator/pki.h"
#include "src/x509/pem.h"

namespace quoin::simulator {
namespace {

constexpr const char* kSeedFile = "seed";
constexpr const char* kRootFile = "root.pem";
constexpr mode_t kForOthers = S_IRWXG | S_IRWXO;

// A file descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&&) = delete;

  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

// What the system call that has just failed said.
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

Error refused(std::string_view what) {
  return {ErrorCode::refused, "simulator's state: " + std::string(what)};
}

// Refuses what others own, read or change: whoever can put a seed there knows all keys.
Result<void> require_private(const File& file, std::string_view what) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(what);
  if (status.st_uid != geteuid()) return refused(std::string(what) + " belongs to another user");
  if ((status.st_mode & kForOthers) != 0) {
    return refused(std::string(what) + " is open to other users: wanted mode 0" +
                   (S_ISDIR(status.st_mode) ? "700" : "600"));
  }
  return {};
}

Result<File> open_directory(const std::string& directory) {
  File opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.is_open()) return system_error(directory);
  TRY(require_private(opened, directory));
  return opened;
}

// All of a file that must have exactly the size of `out`.
Result<void> read_exactly(const File& file, std::span<uint8_t> out, std::string_view what) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = read(file.get(), out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(what);
    if (count == 0) return Error{ErrorCode::malformed, std::string(what) + ": too short"};
    done += static_cast<size_t>(count);
  }
  return {};
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

Result<Seed> read_seed(const File& directory) {
  // O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer.
  const File file(
      openat(directory.get(), kSeedFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return system_error(kSeedFile);
  TRY(require_private(file, kSeedFile));
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(kSeedFile);
  if (!S_ISREG(status.st_mode)) return refused("seed is not a file");
  if (status.st_size != static_cast<off_t>(Seed::size())) {
    return Error{ErrorCode::malformed, "simulator's state: seed does not have 32 bytes"};
  }
  Seed seed;
  TRY(read_exactly(file, seed.mutable_view(), kSeedFile));
  return seed;
}

// A file under a name that nobody else has, which stands in `directory` until it is renamed, or
// until the object ends.
class TemporaryFile {
 public:
  TemporaryFile(const File& directory, std::string_view prefix) : directory_(directory) {
    ByteArray<16> random{};
    fill_random(random);
    name_ = "." + std::string(prefix) + "." + to_hex(random);
  }
  ~TemporaryFile() { unlinkat(directory_.get(), name_.c_str(), 0); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Result<void> write(ByteView bytes, mode_t mode) {
    const File file(openat(directory_.get(), name_.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!file.is_open()) return system_error(name_);
    // The mode as it is, whatever the umask says.
    if (fchmod(file.get(), mode) != 0) return system_error(name_);
    return write_all(file, bytes, name_);
  }

  const char* name() const { return name_.c_str(); }

 private:
  const File& directory_;
  std::string name_;
};

// Puts a fresh seed there unless there is one: a link never replaces what stands under its name,
// so of several processes one wins, and a crash leaves a whole seed or none.
Result<void> create_seed(const File& directory) {
  const Seed seed = random_secret<Seed::size()>();
  TemporaryFile file(directory, kSeedFile);
  TRY(file.write(seed.view(), S_IRUSR | S_IWUSR));
  if (linkat(directory.get(), file.name(), directory.get(), kSeedFile, 0) != 0 && errno != EEXIST) {
    return system_error(kSeedFile);
  }
  return {};
}

// Writes the root certificate of the seed, whatever stands there: it is the same each time.
Result<void> write_root(const File& directory, const Seed& seed) {
  const PkiSettings pki = default_pki(PckCa::platform, {});
  const std::string pem = x509::to_pem(write_certificate(seed, pki.root), "CERTIFICATE");
  TemporaryFile file(directory, kRootFile);
  TRY(file.write(as_bytes(pem), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
  if (renameat(directory.get(), file.name(), directory.get(), kRootFile) != 0) {
    return system_error(kRootFile);
  }
  return {};
}

// Makes the directory, and with the system's default mode those above it.
Result<void> create_directory(const std::string& directory) {
  const std::filesystem::path path(directory);
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return Error{ErrorCode::io, "simulator's state: " + directory + ": " + error.message()};
  }
  if (mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_error(directory);
  return {};
}

}  // namespace

Result<void> refuse_on_real_td(bool on_real_td) {
  if (!on_real_td) return {};
  return Error{ErrorCode::refused, "simulator: this is a real TD, where nothing is simulated"};
}

Result<Seed> init_state(const std::string& directory, bool on_real_td) {
  TRY(refuse_on_real_td(on_real_td));
  TRY(create_directory(directory));
  const File opened = TRY(open_directory(directory));
  Result<Seed> seed = read_seed(opened);
  if (!seed.ok() && seed.error().code == ErrorCode::not_found) {
    TRY(create_seed(opened));
    seed = read_seed(opened);
  }
  if (!seed.ok()) return seed;
  TRY(write_root(opened, *seed));
  if (fsync(opened.get()) != 0) return system_error(directory);
  return seed;
}

Result<Seed> load_state(const std::string& directory, bool on_real_td) {
  TRY(refuse_on_real_td(on_real_td));
  const File opened = TRY(open_directory(directory));
  return read_seed(opened);
}

}  // namespace quoin::simulator
