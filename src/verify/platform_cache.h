// Platforms that are known: a bounded map that several threads share.

#ifndef QUOIN_SRC_VERIFY_PLATFORM_CACHE_H_
#define QUOIN_SRC_VERIFY_PLATFORM_CACHE_H_

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "src/crypto/sha2.h"
#include "src/verify/quoted_platform.h"

namespace quoin {

// By the digest of everything that a QuotedPlatform was read from. Thread-safe; a lookup that finds
// allocates nothing.
class PlatformCache {
 public:
  // Keeps at most `capacity`, rounded up to a multiple of the number of parts.
  explicit PlatformCache(size_t capacity);

  // Null when it is not known.
  std::shared_ptr<const QuotedPlatform> find(const Sha256Digest& key);

  // Where one is there already, that one stays. The one that was not asked for longest makes room.
  void insert(const Sha256Digest& key, std::shared_ptr<const QuotedPlatform> platform);

  size_t size() const;

 private:
  struct Hash {
    size_t operator()(const Sha256Digest& digest) const;
  };
  using Entry = std::pair<Sha256Digest, std::shared_ptr<const QuotedPlatform>>;

  // Threads that ask for different platforms rarely wait for each other.
  struct Part {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // the one asked for last in front
    std::unordered_map<Sha256Digest, std::list<Entry>::iterator, Hash> by_key;
  };
  static constexpr size_t kParts = 16;

  Part& part_of(const Sha256Digest& key);

  size_t capacity_of_part_;
  std::array<Part, kParts> parts_;
};

// The digest of what read_quoted_platform() reads of a quote.
Sha256Digest platform_key(const Quote& quote);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_PLATFORM_CACHE_H_
