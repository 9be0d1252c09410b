#include "src/pcs/cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/crypto/sha2.h"
#include "src/pcs/bundle.h"

namespace quoin::pcs {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMaxBundleBytes = size_t{8} << 20;
constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr mode_t kForOthers = S_IRWXG | S_IRWXO;
constexpr mode_t kFileMode = S_IRUSR | S_IWUSR;
constexpr milliseconds kLockInterval{100};

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
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// What the system call that has just failed said.
Error system_error(std::string_view what) {
  const int number = errno;
  ErrorCode code = ErrorCode::io;
  if (number == ENOENT) code = ErrorCode::not_found;
  if (number == EACCES || number == EPERM || number == EROFS) code = ErrorCode::permission;
  // What O_NOFOLLOW says of a symbolic link.
  if (number == ELOOP || number == ENOTDIR) code = ErrorCode::refused;
  return {code, "cache: " + std::string(what) + ": " + std::generic_category().message(number)};
}

Error refused(std::string_view what, std::string_view why) {
  return {ErrorCode::refused, "cache: " + std::string(what) + " " + std::string(why),
          "remove it: it will be made anew"};
}

// Refuses what others own or can change. Verification would refuse what they put there; but they
// could keep us from verifying anything.
Result<struct stat> require_private(const File& file, std::string_view what) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(what);
  if (status.st_uid != geteuid()) return refused(what, "belongs to another user");
  if ((status.st_mode & kForOthers) != 0) return refused(what, "is open to other users");
  return status;
}

Result<File> open_directory(const std::string& directory) {
  File opened(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.is_open()) return system_error(directory);
  TRY(require_private(opened, directory));
  return opened;
}

// Makes the directory, and with the system's default mode those above it.
Result<File> make_directory(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path above = std::filesystem::path(directory).parent_path();
  if (!above.empty()) std::filesystem::create_directories(above, error);
  if (error) return Error{ErrorCode::io, "cache: " + above.string() + ": " + error.message()};
  if (mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_error(directory);
  return open_directory(directory);
}

// One name for each key. The source is an address of any length: its digest stands for it.
std::string file_name(const CacheKey& key) {
  const Sha256Digest source = sha256(as_bytes(key.source));
  return std::string(key.request.tee_type == TeeType::tdx ? "tdx-" : "sgx-") +
         to_hex(key.request.fmspc) + "-" + std::string(to_string(key.request.ca)) + "-" +
         std::string(to_string(key.request.update)) + "-" + to_hex(source).substr(0, 32) + ".json";
}

// Of a fixed number of names, whatever keys there are: a key comes out of quotes of strangers, and
// what it leaves behind must not fill the disk. The same key always has the same.
std::string lock_name(const CacheKey& key) {
  static_assert(CollateralCache::kLockFiles == 16, "one hex digit each");
  return "lock-" + to_hex(sha256(as_bytes(file_name(key)))).substr(0, 1);
}

Result<Bytes> read_all(const File& file, const std::string& name) {
  Bytes bytes;
  for (;;) {
    const size_t before = bytes.size();
    bytes.resize(before + kChunkBytes);
    const ssize_t count = read(file.get(), bytes.data() + before, kChunkBytes);
    if (count < 0 && errno == EINTR) {
      bytes.resize(before);
      continue;
    }
    if (count < 0) return system_error(name);
    bytes.resize(before + static_cast<size_t>(count));
    if (count == 0) return bytes;
    if (bytes.size() > kMaxBundleBytes) {
      return Error{ErrorCode::too_large, "cache: " + name + ": larger than any bundle"};
    }
  }
}

Result<void> write_all(const File& file, ByteView bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t count = write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(name);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

Result<void> write_file(const File& directory, const std::string& name, ByteView contents) {
  const File file(openat(directory.get(), name.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file.is_open()) return system_error(name);
  return write_all(file, contents, name);
}

bool is_fresh(const CachedBundle& cached, UtcTime now, const CacheRules& rules) {
  // What was fetched in the future was fetched under another clock.
  return now <= cached.next_update && cached.fetched_at <= now &&
         now - cached.fetched_at <= rules.max_age;
}

bool will_do(const CachedBundle& cached, UtcTime now, const CacheRules& rules) {
  if (!rules.serves || now - cached.fetched_at < rules.min_age) return true;
  Result<Collateral> collateral = Collateral::parse(cached.bundle);
  return collateral.ok() && rules.serves(std::move(*collateral));
}

FetchedCollateral from_cache(CachedBundle cached, std::vector<std::string> remarks) {
  return {.bundle = std::move(cached.bundle),
          .fetched_at = cached.fetched_at,
          .from_cache = true,
          .remarks = std::move(remarks)};
}

// A bundle that is no longer fresh, and its age: none by a clock that was put back since.
std::string describe(const CachedBundle& cached, UtcTime now) {
  const auto age = std::chrono::floor<std::chrono::hours>(now - cached.fetched_at).count();
  return "what was fetched at " + quoin::to_string(cached.fetched_at) +
         (age < 0 ? "" : ", " + std::to_string(age) + " hours ago,") + " and holds until " +
         quoin::to_string(cached.next_update);
}

// The source's error, where a bundle that is no longer fresh is not used in its place.
Error not_used(Error error, const std::string& stale, std::string_view setting) {
  error.what += "; " + stale + " is not used";
  if (!error.hint.empty()) error.hint += "; ";
  error.hint += std::string(setting) + " allows that";
  return error;
}

std::string unusable(const Error& error) {
  return "the cache of collateral cannot be used: " + error.what;
}

}  // namespace

CollateralCache::Lock::Lock(Lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

CollateralCache::Lock::~Lock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<CachedBundle> CollateralCache::load(const CacheKey& key) const {
  const File directory = TRY(open_directory(directory_));
  const std::string name = file_name(key);
  // O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer.
  const File file(
      openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return system_error(name);
  const struct stat status = TRY(require_private(file, name));
  if (!S_ISREG(status.st_mode)) return refused(name, "is not a file");
  CachedBundle cached;
  cached.bundle = TRY(read_all(file, name));
  const Collateral collateral = TRY(Collateral::parse(cached.bundle));
  TRY(check_answers(collateral, key.request));
  const Provenance provenance = TRY(read_provenance(cached.bundle));
  if (provenance.source != key.source) return refused(name, "comes from somewhere else");
  cached.fetched_at = provenance.fetched_at;
  cached.next_update = next_update(collateral);
  return cached;
}

Result<void> CollateralCache::store(const CacheKey& key, ByteView bundle) const {
  const File directory = TRY(make_directory(directory_));
  const std::string name = file_name(key);
  ByteArray<8> suffix{};
  fill_random(suffix);
  const std::string temporary = "." + name + "." + to_hex(suffix);
  Result<void> written = write_file(directory, temporary, bundle);
  if (written.ok() &&
      renameat(directory.get(), temporary.c_str(), directory.get(), name.c_str()) != 0) {
    written = system_error(name);
  }
  if (!written.ok()) unlinkat(directory.get(), temporary.c_str(), 0);
  return written;
}

Result<CollateralCache::Lock> CollateralCache::lock(const CacheKey& key,
                                                    const net::Waiting& waiting) const {
  const File directory = TRY(make_directory(directory_));
  const std::string name = lock_name(key);
  File file(openat(directory.get(), name.c_str(),
                   O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kFileMode));
  if (!file.is_open()) return system_error(name);
  for (milliseconds waited{0}; flock(file.get(), LOCK_EX | LOCK_NB) != 0; waited += kLockInterval) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error(name);
    if (waited >= kLockPatience) {
      return Error{ErrorCode::timed_out, "cache: " + name + ": another process holds it"};
    }
    waiting.sleep(kLockInterval);
  }
  return Lock(file.release());
}

Result<FetchedCollateral> fetch_cached(const CollateralCache& cache, CollateralSource& source,
                                       const CollateralRequest& request, UtcTime now,
                                       const CacheRules& rules, const net::Waiting& waiting) {
  const CacheKey key = {.request = request, .source = source.name()};
  std::vector<std::string> remarks;
  auto cached = cache.load(key);
  bool fresh = cached.ok() && is_fresh(*cached, now, rules);
  if (fresh && will_do(*cached, now, rules)) return from_cache(std::move(*cached), {});
  const auto lock = cache.lock(key, waiting);
  if (!lock.ok()) remarks.push_back(unusable(lock.error()));
  if (lock.ok()) {
    // Whoever held the lock may have fetched what we want.
    cached = cache.load(key);
    fresh = cached.ok() && is_fresh(*cached, now, rules);
    if (fresh && will_do(*cached, now, rules)) return from_cache(std::move(*cached), {});
  }
  if (fresh) remarks.emplace_back("not genuine with collateral from the cache: fetching it anew");
  auto bundle = source.fetch(request, now);
  if (bundle.ok()) {
    if (lock.ok()) {
      const Result<void> stored = cache.store(key, *bundle);
      if (!stored.ok()) remarks.push_back(unusable(stored.error()));
    }
    return FetchedCollateral{
        .bundle = std::move(*bundle), .fetched_at = now, .remarks = std::move(remarks)};
  }
  if (fresh) {
    remarks.push_back(bundle.error().what);
    return from_cache(std::move(*cached), std::move(remarks));
  }
  const bool still_holds = cached.ok() && now <= cached->next_update;
  if (!still_holds) return bundle.error();
  const std::string stale = describe(*cached, now);
  if (!rules.stale_on_error) return not_used(bundle.error(), stale, rules.stale_setting);
  remarks.push_back(bundle.error().what + "; using " + stale);
  return from_cache(std::move(*cached), std::move(remarks));
}

}  // namespace quoin::pcs
