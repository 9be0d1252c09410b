#include "src/cli/sim_common.h"

#include <string>

#include "src/cli/simulated_td.h"

namespace quoin::cli {

int finish_sim(const Result<void>& result, Output& output) {
  if (result.ok()) return kExitOk;
  output.error(result.error());
  return result.error().code == ErrorCode::invalid_argument ? kExitUsage : kExitRefused;
}

Result<void> check_no_positional(const Arguments& arguments) {
  if (arguments.positional().empty()) return {};
  return usage_error("'" + std::string(arguments.positional().front()) + "' is one too many",
                     "--help shows examples");
}

std::string_view td_name(const Arguments& arguments) {
  return arguments.get("--td").value_or(kDefaultSimulatedTd);
}

}  // namespace quoin::cli
