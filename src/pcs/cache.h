// Collateral on disk, between runs and between processes.

#ifndef QUOIN_SRC_PCS_CACHE_H_
#define QUOIN_SRC_PCS_CACHE_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/net/retry.h"
#include "src/pcs/client.h"
#include "src/pcs/request.h"

namespace quoin::pcs {

// What a cached bundle answers.
struct CacheKey {
  CollateralRequest request;
  std::string source;  // CollateralSource::name()
};

struct CachedBundle {
  Bytes bundle;
  UtcTime fetched_at{};
  UtcTime next_update{};  // the earliest of its parts
};

// A directory, mode 0700, with files of mode 0600: one bundle each, and lock-0 to lock-f, which are
// empty. A key of which no bundle is stored leaves no file of its own behind. What stands there is
// believed no more than what a service answers. Bundles appear all at once, so whoever reads finds
// a whole one. Thread-safe.
class CollateralCache {
 public:
  // The directory and those above it need not be there.
  explicit CollateralCache(std::string directory) : directory_(std::move(directory)) {}

  // The bundle that is there for that key. Fails with not_found, and where something else than what
  // we wrote is there: refused (a directory or file that others can write, a link, a bundle about
  // something else), malformed, too_large, permission, io.
  Result<CachedBundle> load(const CacheKey& key) const;

  // Puts a bundle there, in place of what was. Makes the directory. Fails with refused, permission
  // or io.
  Result<void> store(const CacheKey& key, ByteView bundle) const;

  // Holds others off who want to fetch for the same key, in this process and in others; and, since
  // there are kLockFiles for all keys, for some other keys. Ends with the object, and with the
  // process.
  class Lock {
   public:
    explicit Lock(int descriptor) : descriptor_(descriptor) {}
    Lock(Lock&& other) noexcept;
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    int descriptor_;
  };
  // Fails with timed_out when others have held it for kLockPatience, and as store() does.
  Result<Lock> lock(const CacheKey& key, const net::Waiting& waiting) const;

  static constexpr std::chrono::milliseconds kLockPatience{60'000};
  static constexpr size_t kLockFiles = 16;

 private:
  std::string directory_;
};

struct CacheRules {
  // A bundle that was fetched longer ago is fetched again, though it may still hold: Intel may have
  // published a new TCB level meanwhile.
  std::chrono::seconds max_age = std::chrono::hours(24);
  // Whether a bundle serves what it is for: a quote that is genuine with it. What is in the cache
  // may be what somebody put there, or older than the quote's platform; and if it does not serve it
  // is fetched anew, once. None: any bundle serves.
  std::function<bool(Collateral)> serves = {};
  // Not where it was fetched less long ago: some quotes no collateral mends (their platform's key
  // is revoked, say), and whoever sends such would have the service asked for each.
  std::chrono::seconds min_age = std::chrono::minutes(1);
  // Where the source fails, give what is no longer fresh and still holds. Whoever controls the
  // network could have us judge by that at any time, so it is for a policy to allow.
  bool stale_on_error = false;
  // What would set that, in the words of whoever may: for the error where there is such a bundle.
  std::string_view stale_setting = "stale_collateral_on_error = true under [tcb] in the policy";
};

struct FetchedCollateral {
  Bytes bundle = {};
  UtcTime fetched_at{};
  bool from_cache = false;
  // What the user should know: the cache could not be used, the service could not be reached.
  std::vector<std::string> remarks = {};
};

// The bundle from the cache where it is fresh, else from the source; one process fetches, others
// that want the same wait for it. A bundle is fresh until the earliest nextUpdate of its parts, and
// until it is `max_age` old. Where the source fails, one that is older and still holds at `now` is
// given, with a remark, if the rules have `stale_on_error`; else the error says that it is there.
// Beyond its nextUpdate none is given. A fresh one that does not serve is given within `min_age`,
// and, with a remark, where the source fails. A cache that cannot be used costs speed, not
// collateral. Fails as the source does.
Result<FetchedCollateral> fetch_cached(const CollateralCache& cache, CollateralSource& source,
                                       const CollateralRequest& request, UtcTime now,
                                       const CacheRules& rules, const net::Waiting& waiting);

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_CACHE_H_
