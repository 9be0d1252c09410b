// A key broker for simulated TDs, and what asks it. For tests only.

#ifndef QUOIN_SRC_SERVICE_BROKER_TESTING_H_
#define QUOIN_SRC_SERVICE_BROKER_TESTING_H_

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "quoin/broker.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/channel/peers_testing.h"
#include "src/channel/tcp.h"
#include "src/os/deadline.h"
#include "src/os/io.h"
#include "src/seal/broker_messages.h"
#include "src/service/broker_server.h"
#include "src/service/key_broker.h"
#include "src/simulator/directory_testing.h"

namespace quoin::broker {

using channel::kPatience;
using channel::kTestNow;
using channel::TestTd;
using simulator::TdState;

inline MeasurementSet set_of(const TdState& state) {
  MeasurementSet set;
  set.name = "test";
  set.mr_td = state.mr_td;
  set.rtmr0 = state.rtmr0;
  set.rtmr1 = state.rtmr1;
  set.rtmr2 = state.rtmr2;
  return set;
}

inline Policy policy_of(const TdState& state) {
  Policy policy;
  policy.measurements = {set_of(state)};
  return policy;
}

// What a test may change before the broker is made.
struct Making {
  BrokerSettings settings;
  ServerLimits limits;
};

// A broker for the TDs of TestTd's platform, listening on this machine, with the policies "app" and
// "other", which both accept TestTd as it is when it is made.
class TestBroker {
 public:
  explicit TestBroker(const std::function<void(Making&)>& change = {}) {
    key_ = make_state(path(), StateKind::simulated).value();
    start(change);
  }
  ~TestBroker() { stop(); }
  TestBroker(const TestBroker&) = delete;
  TestBroker& operator=(const TestBroker&) = delete;

  void start(const std::function<void(Making&)>& change = {}) {
    Making making;
    TestTd td;
    for (const char* id : {"app", "other"}) {
      making.settings.policies.push_back(
          {.id = id, .policy = policy_of(td.state()), .sha256 = {0xab}});
    }
    making.settings.trust_roots = {TrustRoot::parse(td.platform().root_certificate()).value()};
    const PreparedCollateral collateral(
        Collateral::parse(td.platform().collateral_bundle()).value());
    making.settings.collateral = [collateral](const Quote&) -> Result<PreparedCollateral> {
      return collateral;
    };
    making.settings.clock = [this] { return now.load(); };
    making.settings.log = [this](const std::string& line) -> Result<void> {
      const std::scoped_lock lock(mutex_);
      lines_.push_back(line);
      return {};
    };
    making.settings.handshake_timeout = kPatience;
    if (change) change(making);
    limits_ = making.limits;
    BrokerKeys keys = std::move(load_keys(path())).value();
    Store store = std::move(Store::open(database(), keys.root.id().value())).value();
    broker_.emplace(
        KeyBroker::make(std::move(keys), std::move(store), std::move(making.settings)).value());
    listener_.emplace(channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value());
    stop_ = UniqueFd(eventfd(0, EFD_CLOEXEC));
    serving_ = std::thread([this] {
      EXPECT_TRUE(broker::serve(*listener_, *broker_, limits_, stop_.get(), [] {
                    return Result<void>();
                  }).ok());
    });
  }
  // As SIGTERM does.
  void stop() {
    if (!serving_.joinable()) return;
    EXPECT_EQ(eventfd_write(stop_.get(), 1), 0);
    serving_.join();
    broker_.reset();
    listener_.reset();
  }

  BrokerOptions options(const TestTd& td) const {
    BrokerOptions options;
    options.address = to_string(listener_->address());
    options.key_sha256 = key_;
    options.attester = td.attester();
    options.timeout = kPatience;
    options.clock = [] { return kTestNow; };
    return options;
  }
  std::unique_ptr<RootSecretProvider> provider(const TestTd& td) const {
    return broker_root_secrets(options(td)).value();
  }
  Result<RootSecret> ask(const TestTd& td, std::string policy_id = "app",
                         std::optional<uint64_t> epoch = {}) const {
    return provider(td)->root_secret({.policy_id = std::move(policy_id), .epoch = epoch});
  }

  // How many lines have that event.
  size_t count(std::string_view event) {
    const std::scoped_lock lock(mutex_);
    const std::string member = "\"event\":\"" + std::string(event) + "\"";
    return static_cast<size_t>(std::ranges::count_if(
        lines_, [&](const std::string& line) { return line.contains(member); }));
  }
  // Of the last line. Whoever was refused may know it before the line is there, so that the one
  // that is wanted is waited for.
  std::string last_reason(std::string_view wanted) {
    const Deadline deadline = deadline_after(std::chrono::seconds(5));
    for (;;) {
      std::string reason = reason_now();
      if (reason == wanted || !pause_for(std::chrono::milliseconds(2), deadline)) return reason;
    }
  }
  std::string log() {
    const std::scoped_lock lock(mutex_);
    std::string all;
    for (const std::string& line : lines_) all += line;
    return all;
  }

  std::string path() const { return (directory_.path() / "state").string(); }
  std::string database() const { return path() + "/" + std::string(kDatabaseName); }
  const ByteArray<32>& key() const { return key_; }
  const channel::TcpAddress& address() const { return listener_->address(); }
  KeyBroker& broker() { return *broker_; }
  Store store() const {
    return Store::open(database(), load_keys(path())->root.id().value()).value();
  }

  std::atomic<UtcTime> now{kTestNow};

 private:
  std::string reason_now() {
    const std::scoped_lock lock(mutex_);
    if (lines_.empty()) return "";
    const auto document = JsonDocument::parse(as_bytes(lines_.back()));
    const auto reason = document->root().get("reason");
    return reason.ok() ? reason->string().value() : "";
  }

  simulator::TestDirectory directory_;
  ByteArray<32> key_{};
  ServerLimits limits_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::optional<KeyBroker> broker_;
  std::optional<channel::TcpListener> listener_;
  UniqueFd stop_;
  std::thread serving_;
};

// What a broker says that gives the root of that epoch, and is at the other.
inline Bytes granted(uint64_t epoch, uint64_t current) {
  Reply reply = {.answer = Answer::granted, .decision = 1, .grant = Grant()};
  reply.grant->epoch = epoch;
  reply.grant->current_epoch = current;
  reply.grant->secret.mutable_view()[0] = 1;
  const SecretBytes bytes = write_reply(reply);
  return {bytes.view().begin(), bytes.view().end()};
}

inline std::string hex(const Result<RootSecret>& root) {
  return root.ok() ? to_hex(root->secret.view()) : root.error().what;
}

inline channel::Socket connect_to(const TestBroker& broker) {
  return channel::tcp_connect(broker.address(), channel::Deadline::in(kPatience)).value();
}

// Until the broker has closed the connection. Returns what it said.
inline std::string read_all(const channel::Socket& socket) {
  std::string all;
  std::array<char, 4096> buffer{};
  for (;;) {
    if (!socket.wait_readable(channel::Deadline::in(kPatience)).ok()) return all + "(open)";
    const ssize_t count = read(socket.fd(), buffer.data(), buffer.size());
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<size_t>(count));
  }
}

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_BROKER_TESTING_H_
