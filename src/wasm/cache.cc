#include "src/wasm/cache.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "src/base/hex.h"
#include "src/base/try.h"

namespace quoin {
namespace {

constexpr size_t kMaxObjectBytes = size_t{512} << 20;

Result<Bytes> read_all(int fd, size_t size) {
  Bytes bytes(size);
  size_t done = 0;
  while (done < size) {
    const ssize_t got = read(fd, bytes.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cache", errno);
    if (got == 0) return Error{ErrorCode::not_found, "cache: a file ends early"};
    done += static_cast<size_t>(got);
  }
  return bytes;
}

Result<void> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("cache", errno);
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return {};
}

}  // namespace

Result<ObjectCache> ObjectCache::open(const std::string& directory) {
  std::error_code ignored;
  const std::filesystem::path parent = std::filesystem::path(directory).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error(directory, errno);
  }
  UniqueFd fd = TRY(
      owned(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), directory));
  struct stat about{};
  if (fstat(fd.get(), &about) != 0) return system_error(directory, errno);
  if (about.st_uid != geteuid() || (about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Error{ErrorCode::permission,
                 directory + ": the cache must be ours, and writable by nobody else",
                 "chmod 700 it, or name another directory"};
  }
  return ObjectCache(std::move(fd));
}

Result<Bytes> ObjectCache::get(const Sha256Digest& key) const {
  const std::string name = to_hex(key);
  const UniqueFd file = TRY(
      owned(openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC),
            "cache"));
  struct stat about{};
  if (fstat(file.get(), &about) != 0) return system_error("cache", errno);
  const auto size = static_cast<uint64_t>(about.st_size);
  const Error damaged{ErrorCode::not_found, "cache: an entry is damaged"};
  if (!S_ISREG(about.st_mode) || about.st_uid != geteuid() || size > kMaxObjectBytes ||
      size < sizeof(Sha256Digest)) {
    return damaged;
  }
  Bytes bytes = TRY(read_all(file.get(), static_cast<size_t>(size)));
  const ByteView content = ByteView(bytes).subspan(sizeof(Sha256Digest));
  if (!equal(sha256(content), ByteView(bytes).first(sizeof(Sha256Digest)))) return damaged;
  bytes.erase(bytes.begin(), bytes.begin() + sizeof(Sha256Digest));
  return bytes;
}

Result<void> ObjectCache::put(const Sha256Digest& key, ByteView content) const {
  ByteArray<16> random{};
  if (getrandom(random.data(), random.size(), 0) != ssize_t{random.size()}) {
    return system_error("getrandom", errno);
  }
  const std::string name = to_hex(key);
  const std::string temporary = name + "." + to_hex(random);
  const UniqueFd file =
      TRY(owned(openat(directory_.get(), temporary.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
                "cache"));
  Result<void> written = write_all(file.get(), sha256(content));
  if (written.ok()) written = write_all(file.get(), content);
  if (written.ok() && fsync(file.get()) != 0) written = system_error("cache", errno);
  if (written.ok() &&
      renameat(directory_.get(), temporary.c_str(), directory_.get(), name.c_str()) != 0) {
    written = system_error("cache", errno);
  }
  if (!written.ok()) unlinkat(directory_.get(), temporary.c_str(), 0);
  return written;
}

}  // namespace quoin
