// Everything of a simulated platform that looks random comes from one seed: the same seed gives
// the same keys, serial numbers and identifiers.

#ifndef QUOIN_SRC_SIMULATOR_DERIVE_H_
#define QUOIN_SRC_SIMULATOR_DERIVE_H_

#include <initializer_list>
#include <string_view>

#include "quoin/bytes.h"
#include "src/crypto/secret.h"
#include "src/crypto/sha2.h"

namespace quoin::simulator {

// What one simulated platform and its PKI are made from.
using Seed = Secret<32>;

// HMAC-SHA256 (RFC 2104) over the parts, one behind the other.
Sha256Digest hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);

// The bytes number `counter` that the seed gives for a purpose: HMAC-SHA256 under the seed over a
// prefix of ours, the label with a zero byte behind it, and the counter as four bytes, big-endian.
// Labels contain no zero byte, so that two purposes never meet.
Secret<32> derive_block(const Seed& seed, std::string_view label, uint32_t counter);

// `size` bytes, at most 8160, which are not secret.
Bytes derive_public_bytes(const Seed& seed, std::string_view label, size_t size);

// The same, as an array.
template <size_t N>
ByteArray<N> derive_public_array(const Seed& seed, std::string_view label) {
  ByteArray<N> out{};
  const Bytes bytes = derive_public_bytes(seed, label, N);
  for (size_t i = 0; i < N; ++i) out[i] = bytes[i];
  return out;
}

// The contents octets of the serial number that a certificate with the key of that label gets: 20
// octets, positive, as RFC 5280 (4.1.2.2) allows at most.
Bytes derive_serial(const Seed& seed, std::string_view key_label);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_DERIVE_H_
