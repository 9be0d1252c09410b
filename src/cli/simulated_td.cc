#include "src/cli/simulated_td.h"

#include <utility>

#include "src/base/try.h"
#include "src/cli/simulated_seed.h"
#include "src/cli/system.h"
#include "src/simulator/platform.h"
#include "src/simulator/simulated_td.h"
#include "src/simulator/state.h"
#include "src/simulator/td_store.h"
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

}  // namespace

Result<simulator::Seed> load_simulator_seed() {
  const std::string directory = TRY(simulator_directory());
  Result<simulator::Seed> seed = simulator::load_state(directory, td::detect().any());
  if (!seed.ok()) return with_hint(seed.error());
  return seed;
}

namespace {

Result<simulator::TdStore> open_store() {
  return simulator::TdStore::open(TRY(simulator_directory()), td::detect().any());
}

// With the TD in its state: what is wrong with it is better known now.
Result<std::unique_ptr<simulator::SimulatedTd>> open_td(std::string_view name) {
  simulator::Seed seed = TRY(load_simulator_seed());
  simulator::TdStore store = TRY(open_store());
  auto td = std::make_unique<simulator::SimulatedTd>(std::move(seed), std::move(store),
                                                     std::string(name));
  const Result<simulator::SoftwareTd> state = td->load();
  if (!state.ok()) return with_hint(state.error());
  return td;
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

Result<std::unique_ptr<td::Td>> open_simulated_td(std::string_view name) {
  return std::unique_ptr<td::Td>(TRY(open_td(name)));
}

Result<std::string> simulated_td_log_directory(std::string_view name) {
  TRY(open_td(name));
  const simulator::TdStore store = TRY(open_store());
  return store.runtime_log_directory(name);
}

Result<SimulatedQuote> simulate_quote(std::string_view name, const ByteArray<64>& report_data,
                                      UtcTime at) {
  const std::unique_ptr<td::Td> td = TRY(open_simulated_td(name));
  SimulatedQuote quote;
  quote.quote = TRY(td->quote(report_data));
  quote.collateral = TRY(simulator_collateral(at));
  return quote;
}

Result<Bytes> simulator_collateral(UtcTime at) {
  return simulator::Platform(TRY(load_simulator_seed()), at).collateral_bundle();
}

Result<Bytes> simulator_root() {
  // The root certificate depends on the seed alone.
  const simulator::Platform platform(TRY(load_simulator_seed()), UtcTime{});
  const ByteView root = platform.root_certificate();
  return Bytes(root.begin(), root.end());
}

}  // namespace quoin::cli
