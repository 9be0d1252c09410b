// A bounded map from digests that several threads share.

#ifndef QUOIN_SRC_VERIFY_DIGEST_CACHE_H_
#define QUOIN_SRC_VERIFY_DIGEST_CACHE_H_

#include <array>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "src/crypto/sha2.h"

namespace quoin {

// Values by the digest of what they were made from. Thread-safe; a lookup allocates nothing. What
// was found stays valid for whoever found it.
template <typename Value>
class DigestCache {
 public:
  // Keeps at most `capacity`, rounded up to a multiple of the number of parts.
  explicit DigestCache(size_t capacity)
      : capacity_of_part_(capacity / kParts + (capacity % kParts == 0 ? 0 : 1)) {}

  // Null when it is not known.
  std::shared_ptr<const Value> find(const Sha256Digest& key) {
    Part& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    const auto found = part.by_key.find(key);
    if (found == part.by_key.end()) return nullptr;
    part.entries.splice(part.entries.begin(), part.entries, found->second);
    return found->second->second;
  }

  // Where one is there already, that one stays. The one that was not asked for longest makes room.
  void insert(const Sha256Digest& key, std::shared_ptr<const Value> value) {
    if (capacity_of_part_ == 0) return;
    Part& part = part_of(key);
    const std::lock_guard lock(part.mutex);
    if (part.by_key.contains(key)) return;
    if (part.entries.size() >= capacity_of_part_) {
      part.by_key.erase(part.entries.back().first);
      part.entries.pop_back();
    }
    part.entries.emplace_front(key, std::move(value));
    part.by_key.emplace(key, part.entries.begin());
  }

  size_t size() const {
    size_t count = 0;
    for (const Part& part : parts_) {
      const std::lock_guard lock(part.mutex);
      count += part.entries.size();
    }
    return count;
  }

 private:
  // Any bytes of a digest are as good as others; the last one chooses the part.
  struct Hash {
    size_t operator()(const Sha256Digest& digest) const {
      size_t hash = 0;
      std::memcpy(&hash, digest.data(), sizeof(hash));
      return hash;
    }
  };
  using Entry = std::pair<Sha256Digest, std::shared_ptr<const Value>>;
  using Entries = std::list<Entry>;

  // Threads that ask for different things rarely wait for each other.
  struct Part {
    mutable std::mutex mutex;
    Entries entries;  // the one asked for last in front
    std::unordered_map<Sha256Digest, typename Entries::iterator, Hash> by_key;
  };
  static constexpr size_t kParts = 16;

  Part& part_of(const Sha256Digest& key) { return parts_[key.back() % kParts]; }

  size_t capacity_of_part_;
  std::array<Part, kParts> parts_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_DIGEST_CACHE_H_
