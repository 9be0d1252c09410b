#include "src/cli/simulated_td.h"

namespace quoin::cli {
namespace {

Error no_simulator() {
  return {ErrorCode::unsupported, "this build of quoin has no simulator",
          "production builds leave it out; build with -DQUOIN_SIMULATOR=ON to develop"};
}

}  // namespace

Result<SimulatorState> prepare_simulator() { return no_simulator(); }
Result<SimulatedQuote> simulate_quote(const ByteArray<64>&, UtcTime) { return no_simulator(); }
Result<Bytes> simulator_collateral(UtcTime) { return no_simulator(); }
Result<Bytes> simulator_root() { return no_simulator(); }

}  // namespace quoin::cli
