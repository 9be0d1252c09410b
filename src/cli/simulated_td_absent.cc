#include "src/cli/simulated_pcs.h"
#include "src/cli/simulated_td.h"
#include "src/cli/simulated_tds.h"

namespace quoin::cli {
namespace {

Error no_simulator() {
  return {ErrorCode::unsupported, "this build of quoin has no simulator",
          "production builds leave it out; build with -DQUOIN_SIMULATOR=ON to develop"};
}

}  // namespace

Result<SimulatorState> prepare_simulator() { return no_simulator(); }
Result<std::unique_ptr<td::Td>> open_simulated_td(std::string_view) { return no_simulator(); }
Result<std::string> simulated_td_log_directory(std::string_view) { return no_simulator(); }
Result<SimulatedQuote> simulate_quote(std::string_view, const ByteArray<64>&, UtcTime) {
  return no_simulator();
}
Result<Bytes> simulator_collateral(UtcTime) { return no_simulator(); }
Result<Bytes> simulator_root() { return no_simulator(); }
Result<std::unique_ptr<RootSecretProvider>> simulated_root_secrets() { return no_simulator(); }

Result<void> serve_simulated_pcs(std::string_view, std::string_view, UtcTime,
                                 const std::function<void(const std::string& url)>&) {
  return no_simulator();
}

Result<std::vector<std::string>> simulated_tds() { return no_simulator(); }
Result<Value> describe_simulated_td(std::string_view) { return no_simulator(); }
Result<void> create_simulated_td(std::string_view, const TdChanges&) { return no_simulator(); }
Result<void> change_simulated_td(std::string_view, const TdChanges&) { return no_simulator(); }
Result<void> extend_simulated_td(std::string_view, size_t, const ByteArray<48>&) {
  return no_simulator();
}
Result<void> reboot_simulated_td(std::string_view) { return no_simulator(); }
Result<void> remove_simulated_td(std::string_view) { return no_simulator(); }
Result<void> mount_simulated_td(const MountRequest&, const std::function<void()>&) {
  return no_simulator();
}

Result<void> serve_simulated_qgs(const QgsRequest&, const std::function<void(std::string_view)>&) {
  return no_simulator();
}

}  // namespace quoin::cli
