#include "src/wasm/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "src/base/try.h"

namespace quoin {
namespace {

// Our own copy of the attribute, since headers of older kernels end it earlier. The kernel reads
// as many bytes as we say, and refuses bytes that it does not know unless they are zero.
struct RulesetAttribute {
  uint64_t handled_access_fs = 0;
  uint64_t handled_access_net = 0;
  uint64_t scoped = 0;
};

// Rights by the version of Landlock's interface that brought them: execute to make_sym are the
// first thirteen.
constexpr uint64_t kFirstRights = (uint64_t{1} << 13) - 1;
constexpr uint64_t kRefer = uint64_t{1} << 13;     // 2
constexpr uint64_t kTruncate = uint64_t{1} << 14;  // 3
constexpr uint64_t kIoctlDev = uint64_t{1} << 15;  // 5
constexpr uint64_t kNet = 3;                       // 4: bind, connect
constexpr uint64_t kScopes = 3;                    // 6: abstract UNIX sockets, signals

constexpr uint64_t kReadRights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// What a rule about something that is not a directory may name.
constexpr uint64_t kFileRights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                 LANDLOCK_ACCESS_FS_READ_FILE | kTruncate | kIoctlDev;

RulesetAttribute everything(long version) {
  RulesetAttribute all;
  all.handled_access_fs = kFirstRights;
  if (version >= 2) all.handled_access_fs |= kRefer;
  if (version >= 3) all.handled_access_fs |= kTruncate;
  if (version >= 4) all.handled_access_net = kNet;
  if (version >= 5) all.handled_access_fs |= kIoctlDev;
  if (version >= 6) all.scoped = kScopes;
  return all;
}

Result<void> add_rule(int ruleset, const LandlockRule& rule, uint64_t handled) {
  const UniqueFd target(open(rule.path.c_str(), O_PATH | O_CLOEXEC));
  if (!target.valid()) {
    if (errno == ENOENT) return {};
    return system_error(rule.path, errno);
  }
  struct stat about{};
  if (fstat(target.get(), &about) != 0) return system_error(rule.path, errno);
  landlock_path_beneath_attr attribute{};
  attribute.parent_fd = target.get();
  attribute.allowed_access = handled & (rule.writable ? handled : kReadRights);
  if (!S_ISDIR(about.st_mode)) attribute.allowed_access &= kFileRights;
  if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attribute, 0) != 0) {
    return system_error("landlock, " + rule.path, errno);
  }
  return {};
}

}  // namespace

Result<UniqueFd> make_landlock_ruleset(std::span<const LandlockRule> rules) {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return UniqueFd();
  const RulesetAttribute all = everything(version);
  UniqueFd ruleset = TRY(owned(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0)), "landlock"));
  for (const LandlockRule& rule : rules) {
    TRY(add_rule(ruleset.get(), rule, all.handled_access_fs));
  }
  return ruleset;
}

bool enforce_landlock(int ruleset) { return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0; }

}  // namespace quoin
