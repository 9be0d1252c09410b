// Attested connections a second, both ends of each, of processor time; against OpenSSL's TLS 1.3
// handshake alone, with the same kinds of keys.

#include <benchmark/benchmark.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>

#include "quoin/channel.h"
#include "src/channel/channel_key.h"
#include "src/channel/tls_session.h"
#include "src/simulator/platform.h"

namespace quoin::bench {
namespace {

constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};

void require(bool holds) {
  if (!holds) std::abort();
}

std::array<int, 2> socket_pair() {
  std::array<int, 2> fds{};
  require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
  return fds;
}

// The yardstick: a handshake, and nothing behind it.
void raw(benchmark::State& state) {
  const ChannelKey key = ChannelKey::generate().value();
  const auto deadline = channel::Deadline::in(std::chrono::hours(1));
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const std::array<int, 2> fds = socket_pair();
    auto server = std::async(std::launch::async, [&] {
      return channel::TlsSession::handshake(channel::Socket(fds[1]),
                                            {.role = ChannelRole::server, .key = key}, deadline);
    });
    const auto client = channel::TlsSession::handshake(
        channel::Socket(fds[0]), {.role = ChannelRole::client, .key = {}}, deadline);
    require(client.ok() && server.get().ok());
  }
}

// A client that knows the platform, and a server that has a quote made for each connection.
void attested(benchmark::State& state) {
  const simulator::Platform platform(simulator::Seed(), kNow);
  Verifier verifier({TrustRoot::parse(platform.root_certificate()).value()});
  const PreparedCollateral collateral(Collateral::parse(platform.collateral_bundle()).value());
  ChannelOptions client_options;
  client_options.peer_evidence = WantedEvidence{
      .verifier = &verifier,
      .policy = {},
      .collateral = [&](const Quote&) -> Result<PreparedCollateral> { return collateral; }};
  ChannelOptions server_options;
  server_options.key = ChannelKey::generate().value();
  server_options.attester = [&](const ByteArray<64>& report_data) -> Result<TdEvidence> {
    const Bytes report = platform.td_report(simulator::default_td_state(), report_data);
    return TdEvidence{.quote = platform.quote(report).value(), .event_log = {}};
  };
  for (auto iteration : state) {
    static_cast<void>(iteration);
    const std::array<int, 2> fds = socket_pair();
    auto server = std::async(std::launch::async,
                             [&] { return AttestedChannel::accept(fds[1], server_options, kNow); });
    const auto client = AttestedChannel::connect(fds[0], client_options, kNow);
    require(client.ok() && server.get().ok());
  }
  state.SetLabel("with the simulator's quoting enclave");
}

BENCHMARK(raw)->Name("channel/raw")->MeasureProcessCPUTime();
BENCHMARK(attested)->Name("channel/attested")->MeasureProcessCPUTime();

}  // namespace
}  // namespace quoin::bench
