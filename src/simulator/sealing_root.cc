#include "src/simulator/sealing_root.h"

#include "src/crypto/hmac.h"

namespace quoin::simulator {
namespace {

constexpr std::string_view kMark = "SIMULATED ";
constexpr size_t kIdBytes = 16;

}  // namespace

Secret<32> sealing_root(const Seed& seed, std::string_view policy_id) {
  const Secret<32> key = derive_block(seed, "sealing root", 0);
  return quoin::hmac_sha256(key.view(), {as_bytes(policy_id)});
}

Bytes sealing_identity(const Seed& seed) {
  Bytes identity;
  const ByteView mark = as_bytes(kMark);
  identity.assign(mark.begin(), mark.end());
  const Bytes id = derive_public_bytes(seed, "sealing identity", kIdBytes);
  identity.insert(identity.end(), id.begin(), id.end());
  return identity;
}

}  // namespace quoin::simulator
