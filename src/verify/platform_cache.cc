#include "src/verify/platform_cache.h"

#include <algorithm>
#include <cstring>

#include "src/base/writer.h"

namespace quoin {

PlatformCache::PlatformCache(size_t capacity)
    : capacity_of_part_(capacity / kParts + (capacity % kParts == 0 ? 0 : 1)) {}

std::shared_ptr<const QuotedPlatform> PlatformCache::find(const Sha256Digest& key) {
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  const auto found = part.by_key.find(key);
  if (found == part.by_key.end()) return nullptr;
  part.entries.splice(part.entries.begin(), part.entries, found->second);
  return found->second->second;
}

void PlatformCache::insert(const Sha256Digest& key,
                           std::shared_ptr<const QuotedPlatform> platform) {
  if (capacity_of_part_ == 0) return;
  Part& part = part_of(key);
  const std::lock_guard lock(part.mutex);
  if (part.by_key.contains(key)) return;
  if (part.entries.size() >= capacity_of_part_) {
    part.by_key.erase(part.entries.back().first);
    part.entries.pop_back();
  }
  part.entries.emplace_front(key, std::move(platform));
  part.by_key.emplace(key, part.entries.begin());
}

size_t PlatformCache::size() const {
  size_t count = 0;
  for (const Part& part : parts_) {
    const std::lock_guard lock(part.mutex);
    count += part.entries.size();
  }
  return count;
}

// Any bytes of a digest are as good as others; the last one chooses the part.
size_t PlatformCache::Hash::operator()(const Sha256Digest& digest) const {
  size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof(hash));
  return hash;
}

PlatformCache::Part& PlatformCache::part_of(const Sha256Digest& key) {
  return parts_[key.back() % kParts];
}

Sha256Digest platform_key(const Quote& quote) {
  // The length keeps the two parts of variable size apart.
  const auto size = static_cast<uint16_t>(quote.qe_authentication_data.size());
  const ByteArray<4> prefix = {static_cast<uint8_t>(size), static_cast<uint8_t>(size >> 8),
                               static_cast<uint8_t>(quote.certification_data_type),
                               static_cast<uint8_t>(quote.header.version)};
  return sha256({prefix, quote.attestation_key, quote.qe_report_bytes, quote.qe_report_signature,
                 quote.qe_authentication_data, quote.certification_data});
}

}  // namespace quoin
