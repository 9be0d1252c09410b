// The whole way: the simulated platform's service, over sockets, to our client and our verifier.
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "quoin/collateral.h"
#include "quoin/verify.h"
#include "src/net/http_client.h"
#include "src/pcs/client.h"
#include "src/service/http_server.h"
#include "src/simulator/pcs_responses.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin {
namespace {

using simulator::kIssued;
using simulator::kNow;
using simulator::PcsFault;

class SimulatedPcs {
 public:
  explicit SimulatedPcs(PcsFault fault)
      : platform(simulator::test_seed(1), kIssued),
        server(service::HttpServer::start("127.0.0.1:0", [this, fault](std::string_view target) {
                 auto reply = with_fault(fault, asked++, pcs_reply(platform, target));
                 return service::HttpReply{.status = reply.status,
                                           .headers = std::move(reply.headers),
                                           .body = std::move(reply.body),
                                           .delay = reply.delay,
                                           .cut_off = reply.cut_off};
               }).value()) {}

  const simulator::Platform platform;
  std::atomic<uint64_t> asked = 0;
  service::HttpServer server;
};

Result<Bytes> fetch(const SimulatedPcs& pcs, const Quote& quote) {
  net::HttpClient http(
      {.total_timeout = std::chrono::seconds(1),
       .retries = {.attempts = 3},
       .allow_http_to_loopback = true},
      {.sleep = [](std::chrono::milliseconds) {}, .random = [] { return uint32_t{0}; }});
  pcs::PcsClient client(http, pcs::Service::parse(pcs.server.url()).value());
  return client.fetch(pcs::request_for(quote).value(), kNow);
}

TEST(SimulatedPcs, GivesWhatAQuoteVerifiesWith) {
  for (const PcsFault harmless : {PcsFault::none, PcsFault::busy_twice}) {
    const SimulatedPcs pcs(harmless);
    const Bytes bytes = pcs.platform
                            .quote(pcs.platform.td_report(simulator::default_td_state(),
                                                          simulator::test_report_data()))
                            .value();
    const Quote quote = parse_quote(bytes).value();
    const Result<Bytes> bundle = fetch(pcs, quote);
    ASSERT_TRUE(bundle.ok()) << bundle.error().what;
    const Collateral collateral = Collateral::parse(*bundle).value();
    const TrustRoot root = TrustRoot::parse(pcs.platform.root_certificate()).value();
    const Verdict verdict = verify_quote(quote, collateral, kNow, {{root}});
    EXPECT_TRUE(verdict.genuine) << verdict.reason()->id;
    EXPECT_EQ(verdict.tcb_status, TcbStatus::up_to_date);
    // That it was fetched is no reason to trust it.
    EXPECT_FALSE(verify_quote(quote, collateral, kNow, {{TrustRoot::intel()}}).genuine);
  }
}

TEST(SimulatedPcs, NoFaultLeadsToAGenuineQuote) {
  size_t refused_by_verification = 0;
  for (const simulator::NamedPcsFault& fault : simulator::pcs_faults()) {
    if (fault.fault == PcsFault::none || fault.fault == PcsFault::busy_twice) continue;
    // Where there is something newer the platform is OutOfDate, which says nothing of the answers.
    if (fault.fault == PcsFault::new_bios || fault.fault == PcsFault::new_module ||
        fault.fault == PcsFault::new_qe) {
      continue;
    }
    const SimulatedPcs pcs(fault.fault);
    const Bytes bytes = pcs.platform
                            .quote(pcs.platform.td_report(simulator::default_td_state(),
                                                          simulator::test_report_data()))
                            .value();
    const Quote quote = parse_quote(bytes).value();
    const Result<Bytes> bundle = fetch(pcs, quote);
    if (!bundle.ok()) {
      EXPECT_NE(bundle.error().what.find("127.0.0.1"), std::string::npos) << bundle.error().what;
      EXPECT_FALSE(bundle.error().hint.empty()) << fault.name;
      continue;
    }
    const Collateral collateral = Collateral::parse(*bundle).value();
    const TrustRoot root = TrustRoot::parse(pcs.platform.root_certificate()).value();
    EXPECT_FALSE(verify_quote(quote, collateral, kNow, {{root}}).genuine) << fault.name;
    ++refused_by_verification;
  }
  EXPECT_EQ(refused_by_verification, 1u);  // altered
}

}  // namespace
}  // namespace quoin
