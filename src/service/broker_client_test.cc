// The TD's side of the broker (quoin/broker.h), which stands below it, with a broker to ask.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sqlite3.h>
#include <sys/socket.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "quoin/broker.h"
#include "src/seal/broker_messages.h"
#include "src/service/broker_testing.h"

namespace quoin::broker {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

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
  Bytes shorter = granted(3, 3);
  shorter[0] -= 1;
  Bytes later = granted(3, 3);
  later[kSizeBytes] += 1;
  for (const Bytes& no_answer :
       {cut, shorter, later, Bytes{}, Bytes{0xff, 0xff}, granted(4, 3), granted(0, 3)}) {
    const Result<RootSecret> root = LyingBroker(no_answer).ask();
    ASSERT_FALSE(root.ok());
    // The codes of malformed data are for the data that the root is wanted for.
    EXPECT_EQ(root.error().code, ErrorCode::io) << root.error().what;
    EXPECT_THAT(root.error().what, StartsWith("key broker"));
  }
}

TEST(BrokerClient, WhoHangsUpSaysNothingOfTheData) {
  const channel::TcpListener listener =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::thread hanging_up([&] {
    const channel::Socket socket = listener.accept().value();
    // Whoever closes before all is read may cut off more than that.
    shutdown(socket.fd(), SHUT_WR);
    static_cast<void>(read_all(socket));
  });
  const TestTd td;
  BrokerOptions options;
  options.address = to_string(listener.address());
  options.key_sha256 = ByteArray<32>{1};
  options.attester = td.attester();
  options.timeout = kPatience;
  options.clock = [] { return kTestNow; };
  const auto provider = std::move(broker_root_secrets(options)).value();
  const Result<RootSecret> root = provider->root_secret({.policy_id = "app", .epoch = 1});
  hanging_up.join();
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::io) << root.error().what;
}

// Neither for the broker's evidence nor for this TD's own is not_found an answer.
TEST(BrokerClient, WhatIsMissingOnThisSideSaysNothingOfEpochs) {
  const TestTd td;
  TestBroker broker([&](Making& making) { making.settings.attester = td.attester(); });
  const channel::TestVerifier verifier;
  const Error missing = {ErrorCode::not_found, "it is not here", "look elsewhere"};
  BrokerOptions without_collateral = broker.options(td);
  without_collateral.evidence = verifier.wanted();
  without_collateral.evidence->collateral = [&](const Quote&) { return missing; };
  BrokerOptions without_quote = broker.options(td);
  without_quote.attester = [&](const ByteArray<64>&) { return missing; };
  for (const BrokerOptions& options : {without_collateral, without_quote}) {
    const auto provider = std::move(broker_root_secrets(options)).value();
    const Result<RootSecret> root = provider->root_secret({.policy_id = "app", .epoch = 1});
    ASSERT_FALSE(root.ok());
    EXPECT_EQ(root.error().code, ErrorCode::io);
    EXPECT_THAT(root.error().what, HasSubstr(missing.what));
    EXPECT_EQ(root.error().hint, missing.hint);
  }
}

TEST(BrokerClient, ATdThatHasSeenAnEpochTakesNoLowerOne) {
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

// As what the data of somebody else says: the broker need not be asked.
TEST(BrokerClient, EpochsBeginAtOne) {
  TestBroker broker;
  const TestTd td;
  const Result<RootSecret> root = broker.ask(td, "app", 0);
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::not_found);
  EXPECT_EQ(broker.log(), "");
}

// not_found is what a broker says of an epoch; this one was not asked.
TEST(BrokerClient, ABrokerThatIsNotReachedSaysNothingOfEpochs) {
  const TestBroker broker;
  const TestTd td;
  // No resolver asks for a label of more than 63 characters (RFC 1035, 2.3.4).
  for (const std::string& address :
       {std::string(64, 'a') + ".invalid:1", std::string("127.0.0.1:1")}) {
    BrokerOptions options = broker.options(td);
    options.address = address;
    const auto provider = std::move(broker_root_secrets(options)).value();
    const Result<RootSecret> root = provider->root_secret({.policy_id = "app", .epoch = 1});
    ASSERT_FALSE(root.ok());
    EXPECT_EQ(root.error().code, ErrorCode::io) << root.error().what;
    EXPECT_THAT(root.error().what, StartsWith("key broker: "));
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

TEST(BrokerClient, WhatWasSaidOnceIsWorthNothingAgain) {
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
