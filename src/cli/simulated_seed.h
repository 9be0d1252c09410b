// The seed of this user's simulator. In builds with the simulator only.

#ifndef QUOIN_SRC_CLI_SIMULATED_SEED_H_
#define QUOIN_SRC_CLI_SIMULATED_SEED_H_

#include "quoin/result.h"
#include "src/simulator/derive.h"

namespace quoin::cli {

// Fails as simulator::load_state() does, with hints.
Result<simulator::Seed> load_simulator_seed();

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SIMULATED_SEED_H_
