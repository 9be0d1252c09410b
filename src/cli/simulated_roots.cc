#include <memory>
#include <string>
#include <utility>

#include "quoin/seal.h"
#include "src/base/try.h"
#include "src/cli/simulated_td.h"
#include "src/simulator/sealing_root.h"
#include "src/simulator/state.h"
#include "src/td/detect.h"

namespace quoin::cli {
namespace {

// Immutable.
class SimulatedRootSecrets final : public RootSecretProvider {
 public:
  explicit SimulatedRootSecrets(simulator::Seed seed) : seed_(std::move(seed)) {}

  Result<RootSecret> root_secret(const RootRequest& request) override {
    if (!is_policy_id(request.policy_id)) {
      return Error{ErrorCode::invalid_argument, "no policy can be called so"};
    }
    if (request.epoch.value_or(simulator::kSealingEpoch) != simulator::kSealingEpoch) {
      return Error{ErrorCode::not_found,
                   "the simulator has no epoch " + std::to_string(*request.epoch)};
    }
    RootSecret root;
    root.secret = simulator::sealing_root(seed_, request.policy_id);
    root.source = RootSource::simulator;
    root.source_identity = simulator::sealing_identity(seed_);
    root.policy_id = request.policy_id;
    root.epoch = simulator::kSealingEpoch;
    return root;
  }

 private:
  simulator::Seed seed_;
};

}  // namespace

Result<std::unique_ptr<RootSecretProvider>> simulated_root_secrets() {
  const SimulatorState state = TRY(prepare_simulator());
  simulator::Seed seed = TRY(simulator::load_state(state.directory, td::detect().any()));
  std::unique_ptr<RootSecretProvider> roots =
      std::make_unique<SimulatedRootSecrets>(std::move(seed));
  return roots;
}

}  // namespace quoin::cli
