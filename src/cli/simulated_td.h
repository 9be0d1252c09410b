// This user's simulated TD. Builds without the simulator have simulated_td_absent.cc instead of
// simulated_td.cc: every function then fails with unsupported.

#ifndef QUOIN_SRC_CLI_SIMULATED_TD_H_
#define QUOIN_SRC_CLI_SIMULATED_TD_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::cli {

// A quote, and the collateral that goes with it.
struct SimulatedQuote {
  Bytes quote;
  Bytes collateral;
};

// Where the simulator's state is, and whether it was there already.
struct SimulatorState {
  std::string directory;
  bool created = false;
};

// Makes sure that this user's simulator is there. Fails with refused on a real TD, with
// unsupported, and when its state cannot be made or is not safe to use.
Result<SimulatorState> prepare_simulator();

// A quote with that report data by this user's simulator, and collateral issued at that time. Fails
// with not_found, with a hint, when there is no simulator, and as prepare_simulator() does.
Result<SimulatedQuote> simulate_quote(const ByteArray<64>& report_data, UtcTime at);

// The collateral alone. Fails likewise.
Result<Bytes> simulator_collateral(UtcTime at);

// The root certificate, in DER. Fails likewise.
Result<Bytes> simulator_root();

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SIMULATED_TD_H_
