// Root secrets that a key broker gives a second, each over attested TLS with a quote of its own:
// by the time of the broker's processor alone, and with clients at once on one processor.

#include <benchmark/benchmark.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "quoin/broker.h"
#include "src/channel/tcp.h"
#include "src/service/broker_server.h"
#include "src/service/key_broker.h"
#include "src/simulator/platform.h"

namespace quoin::bench {
namespace {

constexpr UtcTime kNow{std::chrono::seconds(1'772'409'600)};

void require(bool holds) {
  if (!holds) std::abort();
}

// A broker for simulated TDs, with its state on the disk, and TDs that ask it.
class Broker {
 public:
  Broker() {
    std::string name = (std::filesystem::temp_directory_path() / "quoin-bench-XXXXXX").string();
    require(mkdtemp(name.data()) != nullptr);
    directory_ = name;
    const std::string path = directory_ / "state";
    key_ = broker::make_state(path, broker::StateKind::simulated).value();
    broker::BrokerKeys keys = std::move(broker::load_keys(path)).value();
    broker::Store store =
        std::move(broker::Store::open(path + "/broker.db", keys.root.id().value())).value();
    broker_.emplace(broker::KeyBroker::make(std::move(keys), std::move(store), settings()).value());
  }
  ~Broker() {
    broker_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  broker::KeyBroker& broker() { return *broker_; }
  const channel::TcpListener& listener() const { return listener_; }

  std::unique_ptr<RootSecretProvider> client() const {
    BrokerOptions options;
    options.address = to_string(listener_.address());
    options.key_sha256 = key_;
    options.attester = [this](const ByteArray<64>& report_data) -> Result<TdEvidence> {
      const Bytes report = platform_.td_report(simulator::default_td_state(), report_data);
      return TdEvidence{.quote = platform_.quote(report).value(), .event_log = {}};
    };
    options.clock = [] { return kNow; };
    return broker_root_secrets(std::move(options)).value();
  }

 private:
  broker::BrokerSettings settings() const {
    const simulator::TdState state = simulator::default_td_state();
    MeasurementSet set;
    set.name = "bench";
    set.mr_td = state.mr_td;
    set.rtmr0 = state.rtmr0;
    set.rtmr1 = state.rtmr1;
    set.rtmr2 = state.rtmr2;
    broker::BrokerSettings settings;
    settings.policies.push_back({.id = "app", .policy = {}, .sha256 = {}});
    settings.policies.front().policy.measurements = {std::move(set)};
    settings.trust_roots = {TrustRoot::parse(platform_.root_certificate()).value()};
    const PreparedCollateral collateral(Collateral::parse(platform_.collateral_bundle()).value());
    settings.collateral = [collateral](const Quote&) -> Result<PreparedCollateral> {
      return collateral;
    };
    settings.per_platform_and_minute = 0;
    settings.clock = [] { return kNow; };
    settings.log = [](const std::string&) { return Result<void>(); };
    return settings;
  }

  simulator::Platform platform_{simulator::Seed(), kNow};
  std::filesystem::path directory_;
  ByteArray<32> key_{};
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::optional<broker::KeyBroker> broker_;
};

double thread_seconds() {
  timespec time{};
  require(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// What one root costs the broker's processor: TLS, verification, the policy, the record.
void release(benchmark::State& state) {
  Broker broker;
  const auto client = broker.client();
  for (auto iteration : state) {
    static_cast<void>(iteration);
    double seconds = 0;
    std::thread serving([&] {
      const double before = thread_seconds();
      channel::Socket socket = broker.listener().accept().value();
      broker.broker().serve(socket.release(), {.text = "bench", .group = "bench"});
      seconds = thread_seconds() - before;
    });
    require(client->root_secret({.policy_id = "app", .epoch = {}}).ok());
    serving.join();
    state.SetIterationTime(seconds);
  }
  state.SetLabel("with the simulator's quoting enclave");
}

// Everything on one processor: broker, clients, and the quoting enclave that the clients need.
class OneProcessor {
 public:
  OneProcessor() {
    require(sched_getaffinity(0, sizeof(before_), &before_) == 0);
    size_t processor = 0;
    while (CPU_ISSET(processor, &before_) == 0) ++processor;
    cpu_set_t one{};
    CPU_SET(processor, &one);
    require(sched_setaffinity(0, sizeof(one), &one) == 0);
  }
  ~OneProcessor() { sched_setaffinity(0, sizeof(before_), &before_); }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;

 private:
  cpu_set_t before_{};
};

void under_load(benchmark::State& state) {
  constexpr size_t kClients = 8;
  constexpr size_t kQuestions = 50;
  const OneProcessor one_processor;
  Broker broker;
  const int stop = eventfd(0, EFD_CLOEXEC);
  std::thread serving([&] {
    const broker::ServerLimits limits = {
        .connections = 16, .connections_per_address = 16, .per_address_and_minute = 0};
    require(broker::serve(broker.listener(), broker.broker(), limits, stop, [] {
              return Result<void>();
            }).ok());
  });
  std::vector<double> milliseconds;
  for (auto iteration : state) {
    static_cast<void>(iteration);
    std::array<std::vector<double>, kClients> each;
    std::vector<std::thread> threads;
    for (std::vector<double>& mine : each) {
      threads.emplace_back([&] {
        const auto client = broker.client();
        for (size_t i = 0; i < kQuestions; ++i) {
          const auto before = std::chrono::steady_clock::now();
          require(client->root_secret({.policy_id = "app", .epoch = {}}).ok());
          const std::chrono::duration<double, std::milli> took =
              std::chrono::steady_clock::now() - before;
          mine.push_back(took.count());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& mine : each) {
      milliseconds.insert(milliseconds.end(), mine.begin(), mine.end());
    }
  }
  require(eventfd_write(stop, 1) == 0);
  serving.join();
  close(stop);
  std::ranges::sort(milliseconds);
  state.counters["items"] = kClients * kQuestions;
  state.counters["p99_ms"] = milliseconds[milliseconds.size() * 99 / 100];
  state.SetLabel("with the simulator's quoting enclave");
}

BENCHMARK(release)->Name("broker/release")->UseManualTime();
BENCHMARK(under_load)->Name("broker/under_load")->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace quoin::bench
