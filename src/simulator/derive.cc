#include "src/simulator/derive.h"

#include <algorithm>
#include <string>

namespace quoin::simulator {
namespace {

constexpr std::string_view kPrefix = "quoin simulator, version 1: ";
constexpr size_t kSha256BlockSize = 64;

}  // namespace

Sha256Digest hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  Secret<kSha256BlockSize> padded;
  if (key.size() > kSha256BlockSize) {
    std::ranges::copy(sha256(key), padded.mutable_view().begin());
  } else {
    std::ranges::copy(key, padded.mutable_view().begin());
  }
  for (uint8_t& byte : padded.mutable_view()) byte ^= 0x36;
  Sha256 inner;
  inner.update(padded.view());
  for (const ByteView part : parts) inner.update(part);
  for (uint8_t& byte : padded.mutable_view()) byte ^= 0x36 ^ 0x5c;
  return sha256({padded.view(), inner.finish()});
}

Secret<32> derive_block(const Seed& seed, std::string_view label, uint32_t counter) {
  const ByteArray<5> end = {0, static_cast<uint8_t>(counter >> 24),
                            static_cast<uint8_t>(counter >> 16), static_cast<uint8_t>(counter >> 8),
                            static_cast<uint8_t>(counter)};
  Sha256Digest block = hmac_sha256(seed.view(), {as_bytes(kPrefix), as_bytes(label), end});
  Secret<32> out;
  std::ranges::copy(block, out.mutable_view().begin());
  wipe(block);
  return out;
}

Bytes derive_public_bytes(const Seed& seed, std::string_view label, size_t size) {
  const std::string public_label = "public/" + std::string(label);
  Bytes out;
  for (uint32_t counter = 0; out.size() < size; ++counter) {
    const Secret<32> block = derive_block(seed, public_label, counter);
    const ByteView all = block.view();
    const ByteView taken = all.first(std::min(all.size(), size - out.size()));
    out.insert(out.end(), taken.begin(), taken.end());
  }
  return out;
}

Bytes derive_serial(const Seed& seed, std::string_view key_label) {
  Bytes serial = derive_public_bytes(seed, "serial/" + std::string(key_label), 20);
  // Positive, and no superfluous leading octet, whatever the seed gives.
  serial[0] = static_cast<uint8_t>((serial[0] & 0x3f) | 0x40);
  return serial;
}

}  // namespace quoin::simulator
