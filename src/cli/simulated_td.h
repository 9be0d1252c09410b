// This user's simulator and its TDs, as other commands use them. Builds without the simulator have
// simulated_td_absent.cc instead of simulated_td.cc: every function then fails with unsupported.

#ifndef QUOIN_SRC_CLI_SIMULATED_TD_H_
#define QUOIN_SRC_CLI_SIMULATED_TD_H_

#include <memory>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/seal.h"
#include "quoin/time.h"
#include "src/td/td.h"

namespace quoin::cli {

// The simulated TD that is meant where none is named. It is made when it is not there yet.
inline constexpr std::string_view kDefaultSimulatedTd = "default";

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

// The simulated TD of that name. Fails with not_found, with a hint, when there is no simulator or
// no such TD, and as prepare_simulator() does.
Result<std::unique_ptr<td::Td>> open_simulated_td(std::string_view name);

// A directory for that TD's runtime event log, which goes away with it. Fails likewise.
Result<std::string> simulated_td_log_directory(std::string_view name);

// A quote with that report data by that TD, and collateral issued at that time. Fails likewise.
Result<SimulatedQuote> simulate_quote(std::string_view name, const ByteArray<64>& report_data,
                                      UtcTime at);

// The collateral alone. Fails likewise.
Result<Bytes> simulator_collateral(UtcTime at);

// The root certificate, in DER. Fails likewise.
Result<Bytes> simulator_root();

// The root secrets that this user's simulator gives, which is made when it is not there yet. Fails
// as prepare_simulator() does.
Result<std::unique_ptr<RootSecretProvider>> simulated_root_secrets();

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SIMULATED_TD_H_
