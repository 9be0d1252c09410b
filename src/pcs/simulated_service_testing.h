// Who answers the tests: the simulated platform's service, without sockets, with a fault.

#ifndef QUOIN_SRC_PCS_SIMULATED_SERVICE_TESTING_H_
#define QUOIN_SRC_PCS_SIMULATED_SERVICE_TESTING_H_

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "src/net/http.h"
#include "src/pcs/request.h"
#include "src/simulator/pcs_responses.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::pcs {

inline constexpr std::string_view kTestHost = "https://pccs.test:8081";
inline constexpr CollateralRequest kTestRequest = {.fmspc = simulator::kFmspc};

class SimulatedService final : public net::HttpGetter {
 public:
  explicit SimulatedService(simulator::PcsFault fault = simulator::PcsFault::none,
                            UtcTime issued = simulator::kIssued)
      : platform_(simulator::test_seed(1), issued), fault_(fault) {}

  Result<net::HttpResponse> get(const std::string& url) override {
    asked.push_back(url);
    if (unreachable) return Error{ErrorCode::io, "pccs.test: cannot connect"};
    if (!url.starts_with(kTestHost)) return Error{ErrorCode::refused, "another host: " + url};
    const simulator::PcsReply reply =
        with_fault(fault_, 0, pcs_reply(platform_, url.substr(kTestHost.size())));
    net::HttpResponse response = {.status = reply.status, .headers = {}, .body = reply.body};
    for (const auto& [name, value] : reply.headers) {
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(),
                             [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      response.headers.push_back({lower, value});
    }
    return response;
  }

  const simulator::Platform& platform() const { return platform_; }

  bool unreachable = false;
  std::vector<std::string> asked;

 private:
  simulator::Platform platform_;
  simulator::PcsFault fault_;
};

}  // namespace quoin::pcs

#endif  // QUOIN_SRC_PCS_SIMULATED_SERVICE_TESTING_H_
