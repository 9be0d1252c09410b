#include "src/service/key_broker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "src/seal/broker_messages.h"
#include "src/service/broker_testing.h"
#include "src/service/rate_limiter.h"

namespace quoin::broker {
namespace {

using testing::HasSubstr;

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
  EXPECT_NE(broker.log().find("pck_chain_root"), std::string::npos) << broker.log();
}

// --- Which brokers are not begun

Result<KeyBroker> make_broker(const std::string& path, BrokerSettings settings) {
  BrokerKeys keys = std::move(load_keys(path)).value();
  Store store = std::move(Store::open(path + "/broker.db", keys.root.id().value())).value();
  settings.clock = [] { return kTestNow; };
  settings.log = [](const std::string&) { return Result<void>(); };
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
      {"TDs with another bit of that group", [](Policy& p) { p.insecure_allowed_tud_bits = 0x80; }},
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
  EXPECT_THAT(broker.log(), HasSubstr("\"mrtd\":\"" + to_hex(TestTd().state().mr_td)));
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

TEST(KeyBroker, GivesNothingThatItCannotKeepARecordOf) {
  TestBroker broker;
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(broker.database().c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "DROP TABLE release", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  const Result<RootSecret> root = broker.ask(TestTd());
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::io) << root.error().what;
  EXPECT_EQ(broker.count("broker.failed"), 1);
  EXPECT_EQ(broker.count("broker.root_released"), 0);
}

TEST(KeyBroker, GivesNothingWhileItsLogCannotBeWritten) {
  std::atomic<bool> is_full = true;
  TestBroker broker([&](Making& making) {
    making.settings.log = [&, log = making.settings.log](const std::string& line) -> Result<void> {
      if (is_full) return Error{ErrorCode::io, "no space"};
      return log(line);
    };
  });
  const Result<RootSecret> root = broker.ask(TestTd());
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::io) << root.error().what;
  is_full = false;
  EXPECT_TRUE(broker.ask(TestTd()).ok());
  EXPECT_EQ(broker.count("broker.root_released"), 1);
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

// It attests itself before it knows who they are, and those who do not ask for it do not wait.
TEST(KeyBroker, AnAddressCanWantItsEvidenceTooOften) {
  TestTd brokers_td;
  std::atomic<int> quotes = 0;
  TestBroker broker([&](Making& making) {
    making.settings.quotes_per_address_and_minute = 2;
    making.settings.attester = [&](const ByteArray<64>& report_data) -> Result<TdEvidence> {
      ++quotes;
      return brokers_td.quote(report_data);
    };
  });
  const channel::TestVerifier verifier;
  const TestTd td;
  BrokerOptions options = broker.options(td);
  options.evidence = verifier.wanted();
  options.evidence->policy = policy_of(brokers_td.state());
  const auto provider = std::move(broker_root_secrets(options)).value();
  for (const bool answered : {true, true, false}) {
    EXPECT_EQ(provider->root_secret({.policy_id = "app", .epoch = {}}).ok(), answered);
  }
  EXPECT_EQ(broker.last_reason(kReasonQuoteRate), kReasonQuoteRate);
  EXPECT_EQ(quotes, 2);
  EXPECT_TRUE(broker.ask(td).ok());
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

// As under systemd's TasksMax: it says so, and neither waits for ever nor serves with fewer.
TEST(KeyBroker, SaysThatThereAreTooFewThreads) {
  const simulator::TestDirectory directory;
  const std::string path = (directory.path() / "state").string();
  ASSERT_TRUE(make_state(path, StateKind::simulated).ok());
  BrokerKeys keys = std::move(load_keys(path)).value();
  const ByteArray<16> id = keys.root.id().value();
  Store store = Store::open(path + "/" + std::string(kDatabaseName), id).value();
  BrokerSettings settings;
  settings.policies = {{.id = "app", .policy = policy_of(TestTd().state()), .sha256 = {}}};
  settings.trust_roots = {TrustRoot::parse(TestTd().platform().root_certificate()).value()};
  KeyBroker broker =
      KeyBroker::make(std::move(keys), std::move(store), std::move(settings)).value();
  const auto listener = channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  const UniqueFd never(eventfd(0, EFD_CLOEXEC));

  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);
    // The limit is not root's.
    constexpr uid_t kNobody = 65534;
    const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    if (geteuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) _exit(2);
    if (setrlimit(RLIMIT_NPROC, &none) != 0) _exit(3);
    const Result<void> served =
        serve(listener, broker, ServerLimits(), never.get(), []() -> Result<void> { _exit(5); });
    _exit(!served.ok() && served.error().code == ErrorCode::io &&
                  served.error().hint.contains("--connections")
              ? 0
              : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(KeyBroker, StopsWhenItsConnectionsAreDone) {
  TestBroker broker(
      [](Making& making) { making.settings.handshake_timeout = std::chrono::milliseconds(300); });
  const channel::Socket silent = connect_to(broker);
  broker.stop();
  EXPECT_THAT(read_all(silent), Not(HasSubstr("(open)")));
}

}  // namespace
}  // namespace quoin::broker
