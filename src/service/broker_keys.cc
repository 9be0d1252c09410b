#include "src/service/broker_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/channel/channel_key.h"
#include "src/crypto/hkdf.h"
#include "src/crypto/random.h"
#include "src/crypto/sha2.h"
#include "src/os/io.h"
#include "src/service/broker_store.h"

namespace quoin::broker {
namespace {

constexpr std::string_view kMagic = "QUOINBRK";
constexpr uint8_t kVersion = 1;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kMaxKeyFileBytes = size_t{64} << 10;
constexpr std::string_view kRootInfo = "quoin broker root, version 1";
constexpr std::string_view kIdInfo = "quoin broker root key id, version 1";

Error refused(std::string what, std::string hint) {
  return {ErrorCode::refused, std::move(what), std::move(hint)};
}

void append_field(Writer& info, ByteView field) {
  info.u32le(static_cast<uint32_t>(field.size())).bytes(field);
}

// Whether `status` is of something that this user owns and nobody else can read or change.
Result<void> check_private(const struct stat& status, const std::string& path) {
  if (status.st_uid != geteuid()) {
    return refused(path + ": belongs to another user", "the broker's keys are its user's alone");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return refused(path + ": others can read or change it",
                   "chmod go= takes that away; who has read the root key has every root");
  }
  return {};
}

// A regular file in the directory, for reading.
Result<UniqueFd> open_private_file(const UniqueFd& directory, const std::string& path,
                                   std::string_view name) {
  const std::string whole = path + "/" + std::string(name);
  UniqueFd file = TRY(owned(openat(directory.get(), std::string(name).c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK),
                            whole));
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_error(whole, errno);
  if (!S_ISREG(status.st_mode)) return refused(whole + ": is no file", "");
  TRY(check_private(status, whole));
  return file;
}

// All of a small file.
Result<SecretBytes> read_private_file(const UniqueFd& directory, const std::string& path,
                                      std::string_view name) {
  const std::string whole = path + "/" + std::string(name);
  const UniqueFd file = TRY(open_private_file(directory, path, name));
  return read_secret(file.get(), kMaxKeyFileBytes, whole);
}

Error in_file(const std::string& path, std::string_view name, Error error) {
  error.what = path + "/" + std::string(name) + ": " + error.what;
  return error;
}

Result<void> write_private_file(const UniqueFd& directory, std::string_view name, ByteView bytes) {
  const std::string text(name);
  const UniqueFd file =
      TRY(owned(openat(directory.get(), text.c_str(),
                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR),
                text));
  TRY(write_all(file.get(), bytes, text));
  if (fsync(file.get()) != 0) return system_error(text, errno);
  return {};
}

// The directory above, and the name in it.
std::pair<std::string, std::string> split(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

// A directory beside `path` that takes its place, or goes away again.
class PendingDirectory {
 public:
  static Result<PendingDirectory> make(const std::string& path) {
    const auto [parent, name] = split(path);
    ByteArray<8> random{};
    fill_random(random);
    std::string temporary = parent + "/." + name + "." + to_hex(random);
    if (mkdir(temporary.c_str(), S_IRWXU) != 0) return system_error(path, errno);
    PendingDirectory made(parent, std::move(temporary));
    made.directory_ = TRY(owned(
        open(made.temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path));
    return made;
  }
  PendingDirectory(PendingDirectory&& other) noexcept
      : parent_(std::move(other.parent_)),
        temporary_(std::exchange(other.temporary_, {})),
        directory_(std::move(other.directory_)) {}
  PendingDirectory& operator=(PendingDirectory&&) = delete;
  ~PendingDirectory() {
    if (temporary_.empty()) return;
    for (const std::string_view name : {kRootKeyName, kChannelKeyName, kDatabaseName}) {
      unlinkat(directory_.get(), std::string(name).c_str(), 0);
    }
    rmdir(temporary_.c_str());
  }

  const UniqueFd& directory() const { return directory_; }
  const std::string& path() const { return temporary_; }

  Result<void> rename_to(const std::string& path) {
    if (fsync(directory_.get()) != 0) return system_error(path, errno);
    if (rename(temporary_.c_str(), path.c_str()) != 0) {
      if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) {
        return refused(path + ": there is something already", "nothing was changed");
      }
      return system_error(path, errno);
    }
    temporary_.clear();
    const UniqueFd parent =
        TRY(owned(open(parent_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), parent_));
    if (fsync(parent.get()) != 0) return system_error(parent_, errno);
    return {};
  }

 private:
  PendingDirectory(std::string parent, std::string temporary)
      : parent_(std::move(parent)), temporary_(std::move(temporary)) {}

  std::string parent_;
  std::string temporary_;
  UniqueFd directory_;
};

}  // namespace

std::string_view to_string(StateKind kind) {
  return kind == StateKind::simulated ? "simulated" : "production";
}

RootKey RootKey::generate(StateKind kind) { return {kind, random_secret<32>()}; }

Result<RootKey> RootKey::parse(ByteView file) {
  Reader in(file, "key broker: root key");
  const ByteView magic = TRY(in.bytes(kMagic.size()));
  const uint8_t version = TRY(in.u8());
  const uint8_t kind = TRY(in.u8());
  const ByteView bytes = TRY(in.bytes(Secret<32>::size()));
  const ByteView sum = TRY(in.bytes(kChecksumBytes));
  TRY(in.finish());
  if (!equal(magic, as_bytes(kMagic))) return malformed("key broker: this is no root key");
  if (version != kVersion) {
    return unsupported("key broker: a root key of version " + std::to_string(version));
  }
  if (!equal(sum,
             ByteView(sha256(file.first(file.size() - kChecksumBytes))).first(kChecksumBytes))) {
    return malformed("key broker: the root key was changed");
  }
  if (kind != std::to_underlying(StateKind::production) &&
      kind != std::to_underlying(StateKind::simulated)) {
    return malformed("key broker: a root key of no kind");
  }
  if (all_zero(bytes)) return malformed("key broker: a root key of zeros");
  Secret<32> secret;
  std::ranges::copy(bytes, secret.mutable_view().begin());
  return RootKey(static_cast<StateKind>(kind), std::move(secret));
}

SecretBytes RootKey::file() const {
  SecretBytes file(kFileBytes);
  const std::span<uint8_t> all = file.mutable_view();
  auto out = std::ranges::copy(as_bytes(kMagic), all.begin()).out;
  *out++ = kVersion;
  *out++ = std::to_underlying(kind_);
  out = std::ranges::copy(secret_.view(), out).out;
  // Against accidents: who can change the file can also compute this.
  const ByteArray<32> sum = sha256(file.view().first(kFileBytes - kChecksumBytes));
  std::copy_n(sum.begin(), kChecksumBytes, out);
  return file;
}

Result<Secret<32>> RootKey::policy_root(std::string_view policy_id, uint64_t epoch) const {
  Writer info;
  append_field(info, as_bytes(kRootInfo));
  append_field(info, as_bytes(to_string(kind_)));
  append_field(info, as_bytes(policy_id));
  append_field(info, Writer().u64le(epoch).view());
  Secret<32> root;
  TRY(hkdf_sha256({.key = secret_.view(), .salt = {}, .info = info.view()}, root.mutable_view()));
  return root;
}

Result<ByteArray<16>> RootKey::id() const {
  Writer info;
  append_field(info, as_bytes(kIdInfo));
  append_field(info, as_bytes(to_string(kind_)));
  ByteArray<16> id{};
  TRY(hkdf_sha256({.key = secret_.view(), .salt = {}, .info = info.view()}, id));
  return id;
}

Result<UniqueFd> open_state_directory(const std::string& path) {
  UniqueFd directory =
      TRY(owned(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path));
  struct stat status{};
  if (fstat(directory.get(), &status) != 0) return system_error(path, errno);
  TRY(check_private(status, path));
  return directory;
}

Result<BrokerKeys> load_keys(const std::string& path) {
  const UniqueFd directory = TRY(open_state_directory(path));
  const SecretBytes root_file = TRY(read_private_file(directory, path, kRootKeyName));
  Result<RootKey> root = RootKey::parse(root_file.view());
  if (!root.ok()) return in_file(path, kRootKeyName, root.error());
  const SecretBytes channel_file = TRY(read_private_file(directory, path, kChannelKeyName));
  Result<ChannelKey> channel = ChannelKey::parse(channel_file.view());
  if (!channel.ok()) return in_file(path, kChannelKeyName, channel.error());
  return BrokerKeys{.root = std::move(root).value(), .channel = std::move(channel).value()};
}

Result<void> check_database_file(const std::string& path) {
  const UniqueFd directory = TRY(open_state_directory(path));
  Result<UniqueFd> file = open_private_file(directory, path, kDatabaseName);
  if (file.ok()) return {};
  Error error = std::move(file).error();
  if (error.code == ErrorCode::not_found) {
    error.hint =
        "without it nobody knows which epochs there were: put it back from a backup, or "
        "see docs/key-broker.md, \"A lost database\"";
  }
  return error;
}

Result<ByteArray<32>> make_state(const std::string& path, StateKind kind) {
  PendingDirectory pending = TRY(PendingDirectory::make(path));
  const RootKey root = RootKey::generate(kind);
  const ChannelKey channel = TRY(ChannelKey::generate());
  const SecretBytes pem = TRY(channel::to_pem(channel));
  TRY(write_private_file(pending.directory(), kRootKeyName, root.file().view()));
  TRY(write_private_file(pending.directory(), kChannelKeyName, pem.view()));
  const ByteArray<16> id = TRY(root.id());
  TRY(Store::make(pending.path() + "/" + std::string(kDatabaseName), id));
  TRY(pending.rename_to(path));
  return channel.sha256();
}

Result<ByteArray<32>> recover_state(const std::string& path) {
  const BrokerKeys keys = TRY(load_keys(path));
  const ByteArray<16> id = TRY(keys.root.id());
  TRY(Store::make(path + "/" + std::string(kDatabaseName), id));
  return keys.channel.sha256();
}

}  // namespace quoin::broker
