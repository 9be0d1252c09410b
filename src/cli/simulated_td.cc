#include "src/cli/simulated_td.h"

#include <utility>

#include "src/base/try.h"
#include "src/cli/system.h"
#include "src/simulator/platform.h"
#include "src/simulator/state.h"
#include "src/td/detect.h"

namespace quoin::cli {
namespace {

Error with_hint(Error error) {
  if (!error.hint.empty()) return error;
  if (error.code == ErrorCode::refused && td::detect().any()) {
    error.hint = "on a real TD, real quotes are the ones to ask for";
  } else if (error.code == ErrorCode::not_found) {
    error.hint = "quoin sim init makes a simulator; so does quoin run --simulate";
  } else {
    error.hint = "look at who owns the directory, and at its mode";
  }
  return error;
}

Result<simulator::Seed> load_seed() {
  const std::string directory = TRY(simulator_directory());
  Result<simulator::Seed> seed = simulator::load_state(directory, td::detect().any());
  if (!seed.ok()) return with_hint(seed.error());
  return seed;
}

}  // namespace

Result<SimulatorState> prepare_simulator() {
  SimulatorState state = {.directory = TRY(simulator_directory())};
  const bool on_real_td = td::detect().any();
  const Result<simulator::Seed> before = simulator::load_state(state.directory, on_real_td);
  if (before.ok()) return state;
  const Result<simulator::Seed> made = simulator::init_state(state.directory, on_real_td);
  if (!made.ok()) return with_hint(made.error());
  state.created = true;
  return state;
}

Result<SimulatedQuote> simulate_quote(const ByteArray<64>& report_data, UtcTime at) {
  const simulator::Platform platform(TRY(load_seed()), at);
  const Bytes report = platform.td_report(simulator::default_td_state(), report_data);
  SimulatedQuote quote = {.quote = TRY(platform.quote(report)),
                          .collateral = platform.collateral_bundle()};
  return quote;
}

Result<Bytes> simulator_collateral(UtcTime at) {
  return simulator::Platform(TRY(load_seed()), at).collateral_bundle();
}

Result<Bytes> simulator_root() {
  // The root certificate depends on the seed alone.
  const simulator::Platform platform(TRY(load_seed()), UtcTime{});
  const ByteView root = platform.root_certificate();
  return Bytes(root.begin(), root.end());
}

}  // namespace quoin::cli
