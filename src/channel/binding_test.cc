#include "src/channel/binding.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "src/base/hex.h"

namespace quoin::channel {
namespace {

ByteArray<32> counting_from(uint8_t first) {
  ByteArray<32> bytes{};
  std::iota(bytes.begin(), bytes.end(), first);
  return bytes;
}

TlsBinding sample() {
  return {.attester_role = ChannelRole::server,
          .attester_key = counting_from(0x00),
          .verifier_key = counting_from(0x20),
          .exporter = counting_from(0x40),
          .nonce = counting_from(0x60)};
}

// The vectors of docs/formats.md, made without this code.
TEST(TlsBinding, Vectors) {
  TlsBinding binding = sample();
  EXPECT_EQ(tls_binding_body(binding).size(), 134);
  EXPECT_EQ(to_hex(tls_binding(binding)),
            "32c28b47307b4cb60184c20385d1f256eaff1cb7ded16b1c9df4546faff50764"
            "293ba7942632aa2e75230a806a66fa261a07e81989dc28399b6872e2e6112435");
  binding.attester_role = ChannelRole::client;
  binding.verifier_key.reset();
  EXPECT_EQ(tls_binding_body(binding).size(), 102);
  EXPECT_EQ(to_hex(tls_binding(binding)),
            "77f42813ede3a67e08fda808116c9778934cdcc62570ec0b72e2397b67050c0b"
            "0980fa917b78f028f99bedaa881cc8eb9112baaa861e8c4e6a1ee3eddc053c8b");
}

TEST(TlsBinding, EveryPartCounts) {
  std::set<ByteArray<64>> seen = {tls_binding(sample())};
  const auto add = [&seen](auto change) {
    TlsBinding binding = sample();
    change(binding);
    EXPECT_TRUE(seen.insert(tls_binding(binding)).second);
  };
  add([](TlsBinding& b) { b.attester_role = ChannelRole::client; });
  add([](TlsBinding& b) { b.attester_key[31] ^= 1; });
  add([](TlsBinding& b) { (*b.verifier_key)[31] ^= 1; });
  add([](TlsBinding& b) { b.verifier_key.reset(); });
  add([](TlsBinding& b) { b.verifier_key = KeyDigest{}; });
  add([](TlsBinding& b) { b.exporter[31] ^= 1; });
  add([](TlsBinding& b) { b.nonce[31] ^= 1; });
}

}  // namespace
}  // namespace quoin::channel
