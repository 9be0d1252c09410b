#include "src/cli/simulated_pcs.h"

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <utility>

#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/simulated_seed.h"
#include "src/service/http_server.h"
#include "src/simulator/pcs_responses.h"
#include "src/simulator/platform.h"

namespace quoin::cli {
namespace {

service::HttpReply to_http(simulator::PcsReply reply) {
  return {.status = reply.status,
          .headers = std::move(reply.headers),
          .body = std::move(reply.body),
          .delay = reply.delay,
          .cut_off = reply.cut_off};
}

// Signals that ask us to end. Blocked in every thread that is started later.
Result<sigset_t> block_ending_signals() {
  sigset_t signals{};
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return Error{ErrorCode::internal, "signals cannot be blocked"};
  }
  return signals;
}

std::string fault_names() {
  std::string names;
  for (const simulator::NamedPcsFault& fault : simulator::pcs_faults()) {
    names.append(names.empty() ? "" : ", ").append(fault.name);
  }
  return names;
}

}  // namespace

Result<void> serve_simulated_pcs(std::string_view listen, std::string_view fault, UtcTime at,
                                 const std::function<void(const std::string& url)>& ready) {
  const auto known_fault = simulator::parse_pcs_fault(fault);
  if (!known_fault) {
    return usage_error("--fault " + std::string(fault) + ": not understood",
                       "there are: " + fault_names());
  }
  simulator::Seed seed = TRY(load_simulator_seed());
  simulator::PlatformSettings settings =
      with_fault(*known_fault, simulator::default_settings(seed, at));
  const simulator::Platform platform(std::move(seed), std::move(settings));
  std::atomic<uint64_t> number = 0;
  const sigset_t signals = TRY(block_ending_signals());
  const auto server = TRY(service::HttpServer::start(listen, [&](std::string_view target) {
    return to_http(with_fault(*known_fault, number++, pcs_reply(platform, target)));
  }));
  ready(server.url());
  int signal = 0;
  if (sigwait(&signals, &signal) != 0) {
    return Error{ErrorCode::internal, "signals cannot be waited for"};
  }
  return {};
}

}  // namespace quoin::cli
