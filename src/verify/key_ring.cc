#include "src/verify/key_ring.h"

#include <algorithm>

namespace quoin {

bool KeyRing::verify(const P256Point& point, ByteView message, const P256Signature& signature) {
  if (const P256PublicKey* known = find(point)) return known->verify(message, signature);
  Result<P256PublicKey> key = P256PublicKey::from_point(point);
  if (!key.ok()) return false;
  keys_.emplace_back(point, std::move(key).value());
  return keys_.back().second.verify(message, signature);
}

const P256PublicKey* KeyRing::find(const P256Point& point) const {
  const auto found = std::ranges::find(keys_, point, &std::pair<P256Point, P256PublicKey>::first);
  return found == keys_.end() ? nullptr : &found->second;
}

}  // namespace quoin
