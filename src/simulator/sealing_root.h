// The root secrets that a simulator gives, where a TD would ask its key broker.

#ifndef QUOIN_SRC_SIMULATOR_SEALING_ROOT_H_
#define QUOIN_SRC_SIMULATOR_SEALING_ROOT_H_

#include <cstdint>
#include <string_view>

#include "quoin/bytes.h"
#include "src/crypto/secret.h"
#include "src/simulator/derive.h"

namespace quoin::simulator {

// The only epoch that a simulator has: it never replaces a root.
inline constexpr uint64_t kSealingEpoch = 1;

// The root secret under a policy of that name. The simulator asks nothing of who wants it, so that
// it protects nothing from anybody who can read the seed.
Secret<32> sealing_root(const Seed& seed, std::string_view policy_id);

// Which simulator gives it: "SIMULATED " and 16 bytes that are this seed's. It goes into every key
// and into every header of sealed data, where no broker's identity looks so.
Bytes sealing_identity(const Seed& seed);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_SEALING_ROOT_H_
