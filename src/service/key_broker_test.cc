#include "src/service/key_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
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
#include "src/service/rate_limiter.h"
#include "src/simulator/directory_testing.h"

namespace quoin::broker {
namespace {

namespace fs = std::filesystem;
using channel::kPatience;
using channel::kTestNow;
using channel::TestTd;
using simulator::TdState;
using testing::HasSubstr;
using testing::IsEmpty;

MeasurementSet set_of(const TdState& state) {
  MeasurementSet set;
  set.name = "test";
  set.mr_td = state.mr_td;
  set.rtmr0 = state.rtmr0;
  set.rtmr1 = state.rtmr1;
  set.rtmr2 = state.rtmr2;
  return set;
}

Policy policy_of(const TdState& state) {
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
    making.settings.log = [this](const std::string& line) {
      const std::scoped_lock lock(mutex_);
      lines_.push_back(line);
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
    serving_ = std::thread(
        [this] { EXPECT_TRUE(broker::serve(*listener_, *broker_, limits_, stop_.get()).ok()); });
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

std::string hex(const Result<RootSecret>& root) {
  return root.ok() ? to_hex(root->secret.view()) : root.error().what;
}

// --- Who gets no root

TEST(KeyBroker, RefusesTdsThatThePolicyDoesNotWant) {
  struct Case {
    const char* reason;
    void (*change)(TdState& state);
  };
  const Case cases[] = {
      {"policy_measurements", [](TdState& s) { s.mr_td[0] ^= 1; }},
      {"policy_measurements", [](TdState& s) { s.rtmr0[0] ^= 1; }},
      {"policy_measurements", [](TdState& s) { s.rtmr1[47] ^= 1; }},
      {"policy_measurements", [](TdState& s) { s.rtmr2[9] ^= 1; }},
      {"policy_td_under_debug", [](TdState& s) { s.attributes[0] |= 1; }},
      {"policy_sept_ve_disable", [](TdState& s) { s.attributes = {}; }},
  };
  TestBroker broker;
  for (const Case& test : cases) {
    TestTd td;
    test.change(td.state());
    const Result<RootSecret> root = broker.ask(td);
    ASSERT_FALSE(root.ok()) << test.reason;
    EXPECT_EQ(root.error().code, ErrorCode::refused) << root.error().what;
    // The TD is not told why, and the operator is.
    EXPECT_THAT(root.error().what, Not(HasSubstr("policy_")));
    EXPECT_EQ(broker.last_reason(test.reason), test.reason);
  }
  EXPECT_EQ(broker.count("broker.root_released"), 0);
  EXPECT_EQ(broker.count("broker.root_refused"), std::size(cases));
}

TEST(KeyBroker, RefusesCollateralThatIsOldOrNotThere) {
  TestBroker broker(
      [](Making& making) { making.settings.policies[1].policy.maximum_collateral_age_days = 2; });
  broker.now = kTestNow + std::chrono::days(3);
  EXPECT_TRUE(broker.ask(TestTd(), "app").ok());
  EXPECT_EQ(broker.ask(TestTd(), "other").error().code, ErrorCode::refused);
  EXPECT_EQ(broker.last_reason("policy_collateral_age"), "policy_collateral_age");
  broker.now = kTestNow + std::chrono::days(400);
  EXPECT_EQ(broker.ask(TestTd()).error().code, ErrorCode::refused);
  EXPECT_EQ(broker.last_reason("root_ca_crl_not_expired"), "root_ca_crl_not_expired");

  TestBroker without([](Making& making) {
    making.settings.collateral = [](const Quote&) -> Result<PreparedCollateral> {
      return Error{ErrorCode::not_found, "no collateral"};
    };
  });
  EXPECT_FALSE(without.ask(TestTd()).ok());
  EXPECT_EQ(without.last_reason(kReasonChannel), kReasonChannel);
  EXPECT_EQ(broker.count("broker.root_released"), 1);
  EXPECT_EQ(without.count("broker.root_released"), 0);
}

TEST(KeyBroker, RefusesTdsOfAnotherSimulator) {
  TestBroker broker;
  EXPECT_EQ(broker.ask(TestTd(2)).error().code, ErrorCode::refused);
  EXPECT_EQ(broker.count("broker.root_released"), 0);
}

TEST(KeyBroker, RefusesEvidenceOfAnotherConnection) {
  TestBroker broker;
  const TestTd td;
  BrokerOptions options = broker.options(td);
  options.attester = [&](const ByteArray<64>& report_data) -> Result<TdEvidence> {
    ByteArray<64> other = report_data;
    other[0] ^= 1;
    return td.quote(other);
  };
  const auto provider = std::move(broker_root_secrets(options)).value();
  EXPECT_FALSE(provider->root_secret({.policy_id = "app", .epoch = {}}).ok());
  EXPECT_EQ(broker.last_reason(kReasonChannel), kReasonChannel);
  EXPECT_EQ(broker.count("broker.root_released"), 0);
}

TEST(KeyBroker, RefusesPoliciesThatItDoesNotHave) {
  TestBroker broker;
  EXPECT_EQ(broker.ask(TestTd(), "App").error().code, ErrorCode::refused);
  EXPECT_EQ(broker.last_reason(kReasonPolicyUnknown), kReasonPolicyUnknown);
  EXPECT_EQ(broker.ask(TestTd(), "../app").error().code, ErrorCode::invalid_argument);
  // The name is known from before, and nobody says any more who may have it.
  ASSERT_TRUE(broker.store().add_policies(std::vector<std::string>{"gone"}).ok());
  EXPECT_EQ(broker.ask(TestTd(), "gone").error().code, ErrorCode::refused);
}

// What one policy trusts is not trusted for another.
TEST(KeyBroker, APolicysRootIsItsOwn) {
  const TestTd stranger(2);
  const PreparedCollateral strangers(
      Collateral::parse(stranger.platform().collateral_bundle()).value());
  TestBroker broker([&](Making& making) {
    making.settings.policies[1].policy.trust_roots = {
        TrustRoot::parse(stranger.platform().root_certificate()).value()};
    making.settings.collateral = [&](const Quote&) -> Result<PreparedCollateral> {
      return strangers;
    };
  });
  EXPECT_TRUE(broker.ask(stranger, "other").ok());
  EXPECT_EQ(broker.ask(stranger, "app").error().code, ErrorCode::refused);
  EXPECT_EQ(broker.count("broker.root_released"), 1);
}

// --- Which brokers are not begun

Result<KeyBroker> make_broker(const std::string& path, BrokerSettings settings) {
  BrokerKeys keys = std::move(load_keys(path)).value();
  Store store = std::move(Store::open(path + "/broker.db", keys.root.id().value())).value();
  settings.clock = [] { return kTestNow; };
  settings.log = [](const std::string&) {};
  return KeyBroker::make(std::move(keys), std::move(store), std::move(settings));
}

TEST(KeyBroker, NeedsPoliciesThatPinWhatRuns) {
  const TdState state = TestTd().state();
  struct Case {
    const char* what;
    std::function<void(Policy&)> change;
  };
  const Case cases[] = {
      {"no measurements", [](Policy& p) { p.measurements.clear(); }},
      {"any measurements", [](Policy& p) { p.any_measurement = true; }},
      {"no MRTD", [](Policy& p) { p.measurements[0].mr_td.reset(); }},
      {"no RTMR0", [](Policy& p) { p.measurements[0].rtmr0.reset(); }},
      {"no RTMR1", [](Policy& p) { p.measurements[0].rtmr1.reset(); }},
      {"no RTMR2", [](Policy& p) { p.measurements[0].rtmr2.reset(); }},
      {"a second set without",
       [](Policy& p) {
         p.measurements.push_back(p.measurements[0]);
         p.measurements[1].rtmr2.reset();
       }},
      {"TDs under debug", [](Policy& p) { p.insecure_allowed_tud_bits = 1; }},
  };
  const simulator::TestDirectory directory;
  const std::string path = (directory.path() / "state").string();
  ASSERT_TRUE(make_state(path, StateKind::production).ok());
  for (const Case& test : cases) {
    BrokerSettings settings;
    settings.policies = {{.id = "app", .policy = policy_of(state)}};
    test.change(settings.policies[0].policy);
    const Result<KeyBroker> made = make_broker(path, std::move(settings));
    ASSERT_FALSE(made.ok()) << test.what;
    EXPECT_EQ(made.error().code, ErrorCode::refused) << test.what;
  }
}

TEST(KeyBroker, KeysAreForSimulatedTdsOrForOthers) {
  const TrustRoot simulated = TrustRoot::parse(TestTd().platform().root_certificate()).value();
  const auto made = [&](StateKind kind, std::vector<TrustRoot> roots, std::vector<TrustRoot> own) {
    const simulator::TestDirectory directory;
    const std::string path = (directory.path() / "state").string();
    EXPECT_TRUE(make_state(path, kind).ok());
    BrokerSettings settings;
    settings.trust_roots = std::move(roots);
    settings.policies = {{.id = "app", .policy = policy_of(TestTd().state())}};
    settings.policies[0].policy.trust_roots = std::move(own);
    return make_broker(path, std::move(settings)).ok();
  };
  const TrustRoot& intel = TrustRoot::intel();
  EXPECT_TRUE(made(StateKind::production, {intel}, {}));
  EXPECT_TRUE(made(StateKind::simulated, {simulated}, {simulated}));
  EXPECT_FALSE(made(StateKind::production, {intel, simulated}, {}));
  EXPECT_FALSE(made(StateKind::production, {intel}, {simulated}));
  EXPECT_FALSE(made(StateKind::simulated, {intel, simulated}, {}));
  EXPECT_FALSE(made(StateKind::simulated, {simulated}, {intel}));
}

TEST(BrokerPolicies, AreFilesThatOthersCannotChange) {
  const simulator::TestDirectory directory;
  const std::string hex96(96, 'a');
  const std::string good = "version = 1\n[[measurements]]\nname = \"a\"\nmr_td = \"" + hex96 +
                           "\"\nrtmr0 = \"" + hex96 + "\"\nrtmr1 = \"" + hex96 + "\"\nrtmr2 = \"" +
                           hex96 + "\"\n";
  const fs::path file = directory.path() / "app.toml";
  const std::string path = directory.path().string();
  EXPECT_EQ(load_policies(path).error().code, ErrorCode::not_found);
  EXPECT_EQ(load_policies(path + "/nowhere").error().code, ErrorCode::not_found);
  simulator::write_test_file(file, good + "[platforms]\nallow_file = \"ours.txt\"\n");
  EXPECT_EQ(load_policies(path).error().code, ErrorCode::not_found);
  simulator::write_test_file(directory.path() / "ours.txt", "fmspc 00906ed50000\n");
  simulator::write_test_file(directory.path() / ".app.toml.swp", "not a policy");
  const auto loaded = load_policies(path);
  ASSERT_TRUE(loaded.ok()) << loaded.error().what;
  ASSERT_EQ(loaded->size(), 1);
  EXPECT_EQ(loaded->front().id, "app");
  EXPECT_EQ(loaded->front().policy.allowed_platforms->fmspcs.size(), 1);

  struct Case {
    const char* what;
    ErrorCode code;
    std::function<void()> change;
    std::function<void()> undo;
  };
  const fs::path bad_name = directory.path() / "-app.toml";
  const Case cases[] = {
      {"file for the group", ErrorCode::refused, [&] { chmod(file.c_str(), 0664); },
       [&] { chmod(file.c_str(), 0644); }},
      {"list for all", ErrorCode::refused,
       [&] { chmod((directory.path() / "ours.txt").c_str(), 0646); },
       [&] { chmod((directory.path() / "ours.txt").c_str(), 0644); }},
      {"directory for all", ErrorCode::refused, [&] { chmod(path.c_str(), 0777); },
       [&] { chmod(path.c_str(), 0700); }},
      {"a name that is none", ErrorCode::refused,
       [&] { simulator::write_test_file(bad_name, good); }, [&] { fs::remove(bad_name); }},
      {"an SGX policy", ErrorCode::refused,
       [&] {
         simulator::write_test_file(file,
                                    "version = 1\n[[measurements]]\nname = \"a\"\n"
                                    "mr_enclave = \"" +
                                        std::string(64, 'a') + "\"\n");
       },
       [&] { simulator::write_test_file(file, good); }},
      {"no measurements", ErrorCode::refused,
       [&] { simulator::write_test_file(file, "version = 1\n"); },
       [&] { simulator::write_test_file(file, good); }},
      {"no TOML", ErrorCode::malformed, [&] { simulator::write_test_file(file, "version = "); },
       [&] { simulator::write_test_file(file, good); }},
  };
  for (const Case& test : cases) {
    test.change();
    const auto refused = load_policies(path);
    ASSERT_FALSE(refused.ok()) << test.what;
    EXPECT_EQ(refused.error().code, test.code) << test.what << ": " << refused.error().what;
    test.undo();
    EXPECT_TRUE(load_policies(path).ok()) << test.what;
  }
}

// --- What the TD wants of the broker

TEST(BrokerClient, NeedsToKnowWhichBroker) {
  const TestTd td;
  BrokerOptions options;
  options.address = "127.0.0.1:1";
  options.attester = td.attester();
  options.clock = [] { return kTestNow; };
  const Result<std::unique_ptr<RootSecretProvider>> made = broker_root_secrets(options);
  EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  options.key_sha256 = ByteArray<32>{1};
  EXPECT_TRUE(broker_root_secrets(options).ok());
  for (const auto& change : std::vector<std::function<void(BrokerOptions&)>>{
           [](BrokerOptions& o) { o.attester = {}; }, [](BrokerOptions& o) { o.clock = {}; },
           [](BrokerOptions& o) { o.address = "nowhere"; }}) {
    BrokerOptions wrong = options;
    change(wrong);
    EXPECT_EQ(broker_root_secrets(wrong).error().code, ErrorCode::invalid_argument);
  }
}

TEST(BrokerClient, AsksNoOtherBroker) {
  TestBroker broker;
  const TestTd td;
  BrokerOptions options = broker.options(td);
  bool quoted = false;
  options.attester = [&](const ByteArray<64>& report_data) -> Result<TdEvidence> {
    quoted = true;
    return td.quote(report_data);
  };
  (*options.key_sha256)[31] ^= 1;
  const auto provider = std::move(broker_root_secrets(options)).value();
  const Result<RootSecret> root = provider->root_secret({.policy_id = "app", .epoch = {}});
  EXPECT_EQ(root.error().code, ErrorCode::refused) << root.error().what;
  EXPECT_FALSE(quoted) << "a stranger was shown what this TD is";
  EXPECT_EQ(broker.count("broker.root_released"), 0);
}

TEST(BrokerClient, CanPinABrokerInATdByItsEvidence) {
  TestTd brokers_td;
  brokers_td.state().mr_td[0] ^= 0xff;
  TestBroker broker([&](Making& making) { making.settings.attester = brokers_td.attester(); });
  TestBroker without;
  const channel::TestVerifier verifier;
  const TestTd td;
  for (const bool fits : {true, false}) {
    BrokerOptions options = broker.options(td);
    options.key_sha256.reset();
    options.evidence = verifier.wanted();
    if (fits) options.evidence->policy = policy_of(brokers_td.state());
    const auto provider = std::move(broker_root_secrets(options)).value();
    const Result<RootSecret> root = provider->root_secret({.policy_id = "app", .epoch = {}});
    EXPECT_EQ(root.ok(), fits) << hex(root);
    options.address = to_string(without.address());
    const auto none = std::move(broker_root_secrets(options)).value();
    EXPECT_FALSE(none->root_secret({.policy_id = "app", .epoch = {}}).ok());
  }
}

// A broker that has the right key, and says what it likes.
class LyingBroker {
 public:
  explicit LyingBroker(Bytes reply) : reply_(std::move(reply)) {
    serving_ = std::thread([this] {
      const channel::TestVerifier verifier;
      ChannelOptions options = channel::verifying(verifier);
      options.key = key_;
      for (;;) {
        Result<channel::Socket> socket = listener_.accept();
        if (!socket.ok() || stopping_) return;
        auto channel = AttestedChannel::accept(socket->release(), options, kTestNow);
        if (!channel.ok()) continue;
        ByteArray<256> request{};
        static_cast<void>(channel->read(request, kPatience).ok());
        static_cast<void>(channel->write(reply_, kPatience).ok());
        static_cast<void>(channel->finish(kPatience).ok());
      }
    });
  }
  ~LyingBroker() {
    stopping_ = true;
    static_cast<void>(
        channel::tcp_connect(listener_.address(), channel::Deadline::in(kPatience)).ok());
    serving_.join();
  }
  LyingBroker(const LyingBroker&) = delete;
  LyingBroker& operator=(const LyingBroker&) = delete;

  Result<RootSecret> ask(std::optional<uint64_t> epoch = {}, uint64_t minimum = 0) const {
    BrokerOptions options;
    options.address = to_string(listener_.address());
    options.key_sha256 = key_.sha256();
    const TestTd td;
    options.attester = td.attester();
    options.timeout = kPatience;
    options.minimum_epoch = minimum;
    options.clock = [] { return kTestNow; };
    const auto provider = std::move(broker_root_secrets(options)).value();
    return provider->root_secret({.policy_id = "app", .epoch = epoch});
  }

 private:
  Bytes reply_;
  ChannelKey key_ = ChannelKey::generate().value();
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::atomic<bool> stopping_ = false;
  std::thread serving_;
};

Bytes granted(uint64_t epoch, uint64_t current) {
  Reply reply = {.answer = Answer::granted, .decision = 1, .grant = Grant()};
  reply.grant->epoch = epoch;
  reply.grant->current_epoch = current;
  reply.grant->secret.mutable_view()[0] = 1;
  const SecretBytes bytes = write_reply(reply);
  return {bytes.view().begin(), bytes.view().end()};
}

TEST(BrokerClient, LooksAtWhatItIsGiven) {
  const LyingBroker honest(granted(2, 3));
  EXPECT_TRUE(honest.ask(2).ok());
  EXPECT_TRUE(honest.ask(2, 3).ok());
  // It knows of a higher one, whatever the broker has looked at.
  EXPECT_EQ(honest.ask(2, 4).error().code, ErrorCode::refused);
  EXPECT_EQ(honest.ask(3).error().code, ErrorCode::refused);
  EXPECT_EQ(honest.ask().error().code, ErrorCode::refused);
  Bytes cut = granted(3, 3);
  cut.pop_back();
  EXPECT_EQ(LyingBroker(cut).ask().error().code, ErrorCode::truncated);
  EXPECT_EQ(LyingBroker(Bytes{}).ask().error().code, ErrorCode::truncated);
  EXPECT_EQ(LyingBroker(Bytes{0xff, 0xff}).ask().error().code, ErrorCode::too_large);
  EXPECT_EQ(LyingBroker(granted(4, 3)).ask(4).error().code, ErrorCode::malformed);
}

// --- What is given

TEST(KeyBroker, TdsUnderOnePolicyShareItsRoot) {
  TestTd upgraded;
  upgraded.state().rtmr2[0] ^= 1;
  TestBroker broker([&](Making& making) {
    // An upgrade: the policy names both images.
    making.settings.policies[0].policy.measurements.push_back(set_of(upgraded.state()));
  });
  TestTd neighbour;
  neighbour.state().rtmr3[0] ^= 1;
  const Result<RootSecret> root = broker.ask(TestTd());
  ASSERT_TRUE(root.ok()) << root.error().what;
  EXPECT_EQ(root->source, RootSource::broker);
  EXPECT_TRUE(equal(root->source_identity, broker.key()));
  EXPECT_EQ(root->policy_id, "app");
  EXPECT_EQ(root->epoch, 1);
  EXPECT_EQ(hex(broker.ask(neighbour)), hex(root));
  EXPECT_EQ(hex(broker.ask(upgraded)), hex(root));
  EXPECT_EQ(broker.ask(upgraded, "other").error().code, ErrorCode::refused);
  const Result<RootSecret> other = broker.ask(TestTd(), "other");
  ASSERT_TRUE(other.ok());
  EXPECT_NE(hex(other), hex(root));
  TestBroker another;
  EXPECT_NE(hex(another.ask(TestTd())), hex(root));

  // After a restart, and another policy file under the same name, it is the same.
  broker.stop();
  broker.start([&](Making& making) {
    making.settings.policies[0].policy.measurements = {set_of(upgraded.state())};
  });
  EXPECT_EQ(hex(broker.ask(upgraded)), hex(root));
  EXPECT_FALSE(broker.ask(TestTd()).ok());
  // Lines say who and why, and hold nothing that is secret.
  EXPECT_THAT(broker.log(), Not(HasSubstr(hex(root))));
  EXPECT_THAT(broker.log(), HasSubstr("\"policy_sha256\":\"ab00"));
  EXPECT_THAT(broker.log(), HasSubstr("\"mr_td\":\"" + to_hex(TestTd().state().mr_td)));
}

TEST(KeyBroker, SealedDataOpensAcrossEpochsUntilTheyAreRetired) {
  TestBroker broker;
  const TestTd td;
  const KeyContext context = {.module = {}, .label = "data"};
  const RootSecret first = std::move(broker.ask(td)).value();
  const Bytes sealed = seal(first, context, as_bytes("secret"), fresh_seal_salt()).value();
  ASSERT_TRUE(broker.store().rotate("app", {}, false).ok());
  const auto open = [&] {
    const auto provider = broker.provider(td);
    ByteView rest = sealed;
    Bytes plaintext;
    const Result<void> opened = unseal_stream(
        *provider, "app", context,
        [&](std::span<uint8_t> out) -> Result<size_t> {
          const size_t size = std::min(rest.size(), out.size());
          std::copy_n(rest.begin(), size, out.begin());
          rest = rest.subspan(size);
          return size;
        },
        [&](ByteView piece) -> Result<void> {
          plaintext.insert(plaintext.end(), piece.begin(), piece.end());
          return {};
        });
    return opened.ok() ? std::string(as_text(plaintext)) : opened.error().what;
  };
  EXPECT_EQ(open(), "secret");
  const Result<RootSecret> second = broker.ask(td);
  EXPECT_EQ(second->epoch, 2);
  EXPECT_NE(hex(second), to_hex(first.secret.view()));
  EXPECT_EQ(broker.ask(td, "app", 3).error().code, ErrorCode::not_found);
  EXPECT_EQ(broker.last_reason(kReasonEpochUnknown), kReasonEpochUnknown);
  ASSERT_TRUE(broker.store().rotate("app", {}, true).ok());
  EXPECT_THAT(open(), HasSubstr("no epoch 1"));
  EXPECT_EQ(broker.last_reason(kReasonEpochRetired), kReasonEpochRetired);
  EXPECT_EQ(broker.ask(td)->epoch, 3);
  EXPECT_EQ(broker.ask(td, "other")->epoch, 1);
}

TEST(KeyBroker, ATdThatHasSeenAnEpochTakesNoLowerOne) {
  TestBroker broker;
  const TestTd td;
  broker.stop();
  const fs::path old = broker.database() + ".old";
  fs::copy_file(broker.database(), old);
  ASSERT_TRUE(broker.store().rotate("app", {}, true).ok());
  broker.start();
  BrokerOptions options = broker.options(td);
  const auto provider = broker.provider(td);
  EXPECT_EQ(provider->root_secret({.policy_id = "app", .epoch = {}})->epoch, 2);

  // Somebody puts the old database back, on the same port.
  broker.stop();
  for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(broker.database() + suffix);
  fs::rename(old, broker.database());
  broker.start();
  EXPECT_EQ(broker.ask(td)->epoch, 1) << "whoever has not seen it cannot know";
  options.address = to_string(broker.address());
  options.minimum_epoch = 2;
  const auto warned = std::move(broker_root_secrets(options)).value();
  for (const std::optional<uint64_t> epoch :
       {std::optional<uint64_t>(), std::optional(uint64_t{1})}) {
    const Result<RootSecret> root = warned->root_secret({.policy_id = "app", .epoch = epoch});
    ASSERT_FALSE(root.ok());
    EXPECT_THAT(root.error().what, HasSubstr("lower epoch"));
    EXPECT_EQ(broker.last_reason(kReasonEpochTooLow), kReasonEpochTooLow);
  }
}

TEST(BrokerClient, RemembersTheHighestEpoch) {
  TestBroker broker;
  const TestTd td;
  const auto provider = broker.provider(td);
  ASSERT_TRUE(broker.store().rotate("app", 5, false).ok());
  EXPECT_EQ(provider->root_secret({.policy_id = "app", .epoch = {}})->epoch, 5);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(broker.database().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "UPDATE policy SET epoch = 4", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  EXPECT_EQ(provider->root_secret({.policy_id = "app", .epoch = {}}).error().code,
            ErrorCode::refused);
  EXPECT_EQ(broker.last_reason(kReasonEpochTooLow), kReasonEpochTooLow);
  EXPECT_TRUE(provider->root_secret({.policy_id = "other", .epoch = {}}).ok());
}

TEST(KeyBroker, GivesNothingThatItCannotKeepARecordOf) {
  TestBroker broker;
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(broker.database().c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "DROP TABLE decision", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  const Result<RootSecret> root = broker.ask(TestTd());
  EXPECT_EQ(root.error().code, ErrorCode::io) << root.error().what;
  EXPECT_EQ(broker.count("broker.failed"), 1);
  EXPECT_EQ(broker.count("broker.root_released"), 0);
}

TEST(KeyBroker, EveryDecisionIsKept) {
  TestBroker broker;
  TestTd wrong;
  wrong.state().mr_td[0] ^= 1;
  ASSERT_TRUE(broker.ask(TestTd()).ok());
  const Result<RootSecret> refused = broker.ask(wrong);
  EXPECT_THAT(refused.error().what, HasSubstr("decision 2"));
  const auto kept = broker.store().decisions(10).value();
  ASSERT_EQ(kept.size(), 2);
  EXPECT_EQ(kept[0] + kept[1], broker.log());
  EXPECT_THAT(kept[1], HasSubstr("\"decision\":2,\"reason\":\"policy_measurements\""));
}

// --- Floods, and silence

TEST(RateLimiter, GivesAMinutesWorthAndThenEvenly) {
  using Clock = service::RateLimiter::Clock;
  service::RateLimiter limiter(60, 2);
  const Clock::time_point start{};
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(limiter.allow("a", start));
  EXPECT_FALSE(limiter.allow("a", start));
  EXPECT_TRUE(limiter.allow("b", start));
  EXPECT_FALSE(limiter.allow("a", start + std::chrono::milliseconds(900)));
  EXPECT_TRUE(limiter.allow("a", start + std::chrono::milliseconds(1900)));
  EXPECT_FALSE(limiter.allow("a", start + std::chrono::milliseconds(1900)));
  // A third name takes the place of the one that was not heard of for longest.
  EXPECT_TRUE(limiter.allow("c", start + std::chrono::milliseconds(1900)));
  EXPECT_FALSE(limiter.allow("a", start + std::chrono::milliseconds(1900)));
  service::RateLimiter none(0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(none.allow("a", start));
}

TEST(KeyBroker, APlatformCanAskTooOften) {
  TestBroker broker([](Making& making) { making.settings.per_platform_and_minute = 2; });
  TestTd other;
  other.state().rtmr3[0] ^= 1;
  EXPECT_TRUE(broker.ask(TestTd()).ok());
  EXPECT_TRUE(broker.ask(other).ok());
  EXPECT_EQ(broker.ask(TestTd()).error().code, ErrorCode::timed_out);
  EXPECT_EQ(broker.last_reason(kReasonPlatformRate), kReasonPlatformRate);
  EXPECT_EQ(broker.count("broker.root_released"), 2);
}

TEST(KeyBroker, AnAddressCanAskTooOften) {
  TestBroker broker([](Making& making) { making.limits.per_address_and_minute = 2; });
  EXPECT_TRUE(broker.ask(TestTd()).ok());
  EXPECT_TRUE(broker.ask(TestTd()).ok());
  EXPECT_FALSE(broker.ask(TestTd()).ok());
  EXPECT_EQ(broker.last_reason("broker_address_rate"), "broker_address_rate");
  EXPECT_EQ(broker.count("broker.rate_limited"), 1);
  EXPECT_EQ(broker.count("broker.root_released"), 2);
}

channel::Socket connect_to(const TestBroker& broker) {
  return channel::tcp_connect(broker.address(), channel::Deadline::in(kPatience)).value();
}

// Until the broker has closed the connection. Returns what it said.
std::string read_all(const channel::Socket& socket) {
  std::string all;
  std::array<char, 4096> buffer{};
  for (;;) {
    if (!socket.wait_readable(channel::Deadline::in(kPatience)).ok()) return all + "(open)";
    const ssize_t count = read(socket.fd(), buffer.data(), buffer.size());
    if (count <= 0) return all;
    all.append(buffer.data(), static_cast<size_t>(count));
  }
}

TEST(KeyBroker, WhoSaysNothingTakesOnlyItsOwnPlaces) {
  TestBroker broker([](Making& making) {
    making.limits.connections = 3;
    making.limits.connections_per_address = 2;
    making.settings.handshake_timeout = std::chrono::milliseconds(500);
  });
  const channel::Socket one = connect_to(broker);
  const channel::Socket two = connect_to(broker);
  EXPECT_EQ(read_all(connect_to(broker)), "");
  EXPECT_EQ(broker.last_reason("broker_connections"), "broker_connections");
  // Their time is up, and there is room again.
  EXPECT_THAT(read_all(one), Not(HasSubstr("(open)")));
  EXPECT_THAT(read_all(two), Not(HasSubstr("(open)")));
  EXPECT_TRUE(broker.ask(TestTd()).ok());
}

TEST(KeyBroker, RubbishIsNoQuestion) {
  TestBroker broker(
      [](Making& making) { making.settings.message_timeout = std::chrono::milliseconds(300); });
  const channel::Socket raw = connect_to(broker);
  ASSERT_EQ(write(raw.fd(), "GET / HTTP/1.1\r\n\r\n", 18), 18);
  EXPECT_THAT(read_all(raw), Not(HasSubstr("(open)")));
  const TestTd td;
  const Bytes good = write_request({.policy_id = "app", .epoch = {}, .minimum_epoch = 0});
  for (const Bytes& rubbish : {Bytes{}, Bytes{1}, Bytes{0, 0}, Bytes{0xff, 0xff}, Bytes{1, 0, 9},
                               Bytes(good.begin(), good.end() - 1)}) {
    ChannelOptions options = channel::attesting(td);
    options.peer_key_sha256 = broker.key();
    auto channel = AttestedChannel::connect(connect_to(broker).release(), options, kTestNow);
    ASSERT_TRUE(channel.ok()) << channel.error().what;
    EXPECT_TRUE(channel->write(rubbish, kPatience).ok());
    ByteArray<64> answer{};
    const Result<size_t> count = channel->read(answer, kPatience);
    EXPECT_TRUE(!count.ok() || *count == 0);
  }
  EXPECT_EQ(broker.last_reason(kReasonRequest), kReasonRequest);
  EXPECT_EQ(broker.count("broker.root_released"), 0);
  EXPECT_TRUE(broker.ask(td).ok());
}

TEST(KeyBroker, StopsWhenItsConnectionsAreDone) {
  TestBroker broker(
      [](Making& making) { making.settings.handshake_timeout = std::chrono::milliseconds(300); });
  const channel::Socket silent = connect_to(broker);
  broker.stop();
  EXPECT_THAT(read_all(silent), Not(HasSubstr("(open)")));
}

// Stands between a TD and the broker, and keeps what the TD says.
class Recorder {
 public:
  explicit Recorder(const channel::TcpAddress& broker) : broker_(broker) {
    serving_ = std::thread([this] {
      const channel::Socket td = listener_.accept().value();
      EXPECT_TRUE(td.make_nonblocking().ok());
      const channel::Socket up =
          channel::tcp_connect(broker_, channel::Deadline::in(kPatience)).value();
      std::array<pollfd, 2> ends = {pollfd{.fd = td.fd(), .events = POLLIN, .revents = 0},
                                    pollfd{.fd = up.fd(), .events = POLLIN, .revents = 0}};
      for (;;) {
        poll(ends.data(), ends.size(), -1);
        for (size_t i = 0; i < ends.size(); ++i) {
          if (ends[i].revents == 0) continue;
          std::array<uint8_t, 65536> buffer{};
          const ssize_t count = read(ends[i].fd, buffer.data(), buffer.size());
          if (count <= 0) return;
          const auto size = static_cast<size_t>(count);
          if (i == 0) said.insert(said.end(), buffer.begin(), buffer.begin() + count);
          if (write(ends[1 - i].fd, buffer.data(), size) != count) return;
        }
      }
    });
  }
  ~Recorder() { join(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void join() {
    if (serving_.joinable()) serving_.join();
  }
  std::string address() const { return to_string(listener_.address()); }

  Bytes said;

 private:
  channel::TcpAddress broker_;
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::thread serving_;
};

TEST(KeyBroker, WhatWasSaidOnceIsWorthNothingAgain) {
  TestBroker broker(
      [](Making& making) { making.settings.handshake_timeout = std::chrono::seconds(1); });
  Recorder recorder(broker.address());
  const TestTd td;
  BrokerOptions options = broker.options(td);
  options.address = recorder.address();
  const auto provider = std::move(broker_root_secrets(options)).value();
  const Result<RootSecret> root = provider->root_secret({.policy_id = "app", .epoch = {}});
  ASSERT_TRUE(root.ok()) << root.error().what;
  recorder.join();
  EXPECT_EQ(as_text(recorder.said).find(as_text(root->secret.view())), std::string_view::npos);
  const channel::Socket again = connect_to(broker);
  ASSERT_EQ(write(again.fd(), recorder.said.data(), recorder.said.size()),
            static_cast<ssize_t>(recorder.said.size()));
  EXPECT_THAT(read_all(again), Not(HasSubstr("(open)")));
  EXPECT_EQ(broker.count("broker.root_released"), 1);
}

}  // namespace
}  // namespace quoin::broker
