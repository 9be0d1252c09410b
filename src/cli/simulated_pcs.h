// The provisioning service of this user's simulated platform. Builds without the simulator have
// simulated_td_absent.cc instead of simulated_pcs.cc: it then fails with unsupported.

#ifndef QUOIN_SRC_CLI_SIMULATED_PCS_H_
#define QUOIN_SRC_CLI_SIMULATED_PCS_H_

#include <functional>
#include <string>
#include <string_view>

#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::cli {

// Serves until SIGINT or SIGTERM comes, on `listen` (HttpServer::start()), with collateral that is
// issued at that time, and with the fault of that name. Calls `ready` with its address once it
// serves. Fails with invalid_argument, io, and as load_simulator_seed() does.
Result<void> serve_simulated_pcs(std::string_view listen, std::string_view fault, UtcTime at,
                                 const std::function<void(const std::string& url)>& ready);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SIMULATED_PCS_H_
