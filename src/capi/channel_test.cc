// The channel of the C API, and a peer on the same machine that is good, bad, or gone.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "quoin/channel.h"
#include "src/capi/capi_testing.h"
#include "src/channel/peers_testing.h"
#include "src/channel/tcp.h"
#include "src/td/td.h"

namespace quoin::capi {
namespace {

constexpr uint8_t kSome[8] = {};
// More than all sockets between us and the peer hold.
constexpr size_t kTooMuch = size_t{32} << 20;

// Far less than the time that a channel is given here.
bool is_at_once(std::chrono::steady_clock::time_point since) {
  return std::chrono::steady_clock::now() - since < std::chrono::seconds(5);
}

// A server that is a simulated TD, and answers what it is sent.
class SecureChannel : public CapiTest {
 protected:
  void SetUp() override {
    CapiTest::SetUp();
    ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
    const simulator::Platform platform(channel::TestTd::seed_of(1), now());
    const Bytes bundle = platform.collateral_bundle();
    ASSERT_EQ(tdx_set_collateral(bundle.data(), bundle.size()), TDX_SUCCESS);
  }

  void trust() {
    const ByteView root = td_.platform().root_certificate();
    ASSERT_EQ(tdx_insecure_trust_root(root.data(), root.size()), TDX_SUCCESS);
  }
  static void set_policy() {
    constexpr std::string_view kPolicy = "version = 1\n";
    ASSERT_EQ(tdx_set_policy(kPolicy.data(), kPolicy.size()), TDX_SUCCESS);
  }

  std::string address() const { return to_string(listener_.address()); }

  ChannelOptions server_options() const {
    ChannelOptions options = channel::attesting(td_);
    options.key = key_;
    return options;
  }

  // Serves one connection: sends back what comes until the peer ends.
  std::jthread serve() {
    return std::jthread([this] { echo(listener_.accept().value()); });
  }
  void echo(channel::Socket socket) const {
    Result<AttestedChannel> accepted =
        AttestedChannel::accept(socket.release(), server_options(), now());
    if (!accepted.ok()) return;
    Bytes buffer(size_t{1} << 14);
    while (true) {
      const Result<size_t> count = accepted->read(buffer, channel::kPatience);
      if (!count.ok() || *count == 0) break;
      if (!accepted->write(ByteView(buffer).first(*count), channel::kPatience).ok()) break;
    }
    static_cast<void>(accepted->finish(channel::kPatience));
  }
  // Opens one, and hangs up without a word once `until` holds.
  std::jthread hang_up(std::future<void> until) {
    return std::jthread([this, waited = std::move(until)] {
      channel::Socket socket = listener_.accept().value();
      const auto accepted = AttestedChannel::accept(socket.release(), server_options(), now());
      EXPECT_TRUE(accepted.ok());
      waited.wait();
    });
  }

  void open(uint32_t timeout_ms = 20'000) {
    trust();
    set_policy();
    ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, timeout_ms),
              TDX_SUCCESS);
    ASSERT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
  }
  // What comes back, up to that size.
  static Bytes receive(size_t size) {
    Bytes received(size);
    size_t done = 0;
    while (done < size) {
      size_t count = size - done;
      if (tdx_secure_channel_recv(received.data() + done, &count) != TDX_SUCCESS || count == 0) {
        break;
      }
      done += count;
    }
    received.resize(done);
    return received;
  }

  channel::TestTd td_;
  ChannelKey key_ = ChannelKey::generate().value();
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
};

TEST_F(SecureChannel, NeedsAPeerAndAPolicy) {
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_NOT_SUPPORTED);
  EXPECT_NE(last().hint.find("tdx_secure_channel_configure"), std::string::npos);
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_NOT_SUPPORTED);
  EXPECT_NE(last().hint.find("tdx_set_policy"), std::string::npos);
  EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_ERROR_COMMUNICATION);
  Bytes buffer(10, 0xff);
  size_t size = buffer.size();
  EXPECT_EQ(tdx_secure_channel_recv(buffer.data(), &size), TDX_ERROR_COMMUNICATION);
  EXPECT_TRUE(size == 0 && all_zero(buffer));
}

TEST_F(SecureChannel, CarriesDataOnceThePeerIsAccepted) {
  trust();
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  std::jthread server = serve();
  ASSERT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_INVALID_PARAM) << "there is one";
  EXPECT_EQ(tdx_secure_channel_send(as_bytes("hello").data(), 5), TDX_SUCCESS);
  Bytes answer(100);
  size_t size = answer.size();
  EXPECT_EQ(tdx_secure_channel_recv(answer.data(), &size), TDX_SUCCESS);
  EXPECT_EQ(as_text(ByteView(answer).first(size)), "hello");
  tdx_secure_channel_cleanup();
  server.join();
  EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_ERROR_COMMUNICATION);
}

TEST_F(SecureChannel, RefusesAPeerThatNobodyTrusts) {
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  std::jthread server = serve();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION);
  server.join();
  EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_ERROR_COMMUNICATION);
}

TEST_F(SecureChannel, RefusesAPeerWithAnotherKey) {
  trust();
  set_policy();
  const ByteArray<32> another{};
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), another.data(), true, 20'000),
            TDX_SUCCESS);
  std::jthread server = serve();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION);
  server.join();
}

TEST_F(SecureChannel, APeerThatIsAwayIsNotOneThatIsRefused) {
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure("127.0.0.1:1", nullptr, true, 5'000), TDX_SUCCESS);
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_COMMUNICATION);
}

TEST_F(SecureChannel, ClosingWakesWhoeverWaits) {
  trust();
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  std::jthread server = serve();
  ASSERT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
  std::jthread reader([] {
    Bytes buffer(10);
    size_t size = buffer.size();
    EXPECT_EQ(tdx_secure_channel_recv(buffer.data(), &size), TDX_ERROR_COMMUNICATION);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(tdx_secure_channel_send(as_bytes("").data(), 0), TDX_SUCCESS);
  tdx_security_cleanup();
  reader.join();
  server.join();
}

TEST_F(SecureChannel, ClosingWakesWhoeverSendsToAPeerThatDoesNotRead) {
  std::promise<void> done;
  std::jthread server = hang_up(done.get_future());
  open();
  const Bytes much(kTooMuch);
  const auto send = [](ByteView bytes) {
    EXPECT_EQ(tdx_secure_channel_send(bytes.data(), bytes.size()), TDX_ERROR_COMMUNICATION);
  };
  std::jthread sender(send, ByteView(much));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  std::jthread next(send, ByteView(kSome));
  std::jthread receiver([] { EXPECT_EQ(receive(1).size(), 0u); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto begin = std::chrono::steady_clock::now();
  tdx_security_cleanup();
  EXPECT_TRUE(is_at_once(begin));
  sender.join();
  next.join();
  receiver.join();
  EXPECT_TRUE(is_at_once(begin));
  done.set_value();
}

TEST_F(SecureChannel, BothDirectionsCanBeFullAtOnce) {
  std::jthread server = serve();
  open();
  Bytes much(kTooMuch);
  for (size_t i = 0; i < much.size(); ++i) much[i] = static_cast<uint8_t>((i >> 8) ^ i);
  std::jthread sender(
      [&] { EXPECT_EQ(tdx_secure_channel_send(much.data(), much.size()), TDX_SUCCESS); });
  // By now nothing moves before somebody receives.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const Bytes received = receive(much.size());
  EXPECT_TRUE(equal(received, much)) << received.size();
  sender.join();
  tdx_secure_channel_cleanup();
}

TEST_F(SecureChannel, MessagesOfTwoThreadsDoNotMix) {
  constexpr size_t kMessage = size_t{1} << 20;
  constexpr size_t kCount = 8;
  std::jthread server = serve();
  open();
  const auto send_many = [](uint8_t byte) {
    const Bytes message(kMessage, byte);
    for (size_t i = 0; i < kCount; ++i) {
      EXPECT_EQ(tdx_secure_channel_send(message.data(), message.size()), TDX_SUCCESS);
    }
  };
  std::jthread one(send_many, uint8_t{1});
  std::jthread two(send_many, uint8_t{2});
  const Bytes received = receive(2 * kCount * kMessage);
  ASSERT_EQ(received.size(), 2 * kCount * kMessage);
  for (size_t i = 0; i < 2 * kCount; ++i) {
    const ByteView message = ByteView(received).subspan(i * kMessage, kMessage);
    EXPECT_TRUE(std::ranges::all_of(message, [&](uint8_t byte) { return byte == message[0]; }))
        << i;
  }
  one.join();
  two.join();
  tdx_secure_channel_cleanup();
}

TEST_F(SecureChannel, NothingFollowsAMessageThatWasCut) {
  std::promise<void> done;
  std::jthread server = hang_up(done.get_future());
  open(1'000);
  const Bytes much(kTooMuch);
  const auto begin = std::chrono::steady_clock::now();
  const auto send = [](ByteView bytes) {
    EXPECT_EQ(tdx_secure_channel_send(bytes.data(), bytes.size()), TDX_ERROR_COMMUNICATION);
  };
  std::jthread sender(send, ByteView(much));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  send(kSome);
  sender.join();
  EXPECT_TRUE(is_at_once(begin));
  EXPECT_EQ(receive(1).size(), 0u);
  EXPECT_NE(last().reason.find("there is no channel"), std::string::npos) << last().reason;
  done.set_value();
}

TEST_F(SecureChannel, HalfARecordKeepsNobodyFromSending) {
  std::promise<void> done;
  std::jthread server([&] {
    channel::Socket socket = listener_.accept().value();
    const auto accepted = AttestedChannel::accept(socket.release(), server_options(), now());
    ASSERT_TRUE(accepted.ok());
    // The head of a record of 256 bytes (RFC 8446, section 5.1).
    constexpr uint8_t kHead[5] = {0x17, 0x03, 0x03, 0x01, 0x00};
    EXPECT_EQ(::send(accepted->socket(), kHead, sizeof kHead, 0), ssize_t{sizeof kHead});
    done.get_future().wait();
  });
  open();
  std::jthread receiver([] { EXPECT_EQ(receive(1).size(), 0u); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_SUCCESS);
  EXPECT_TRUE(is_at_once(begin));
  tdx_secure_channel_cleanup();
  receiver.join();
  EXPECT_TRUE(is_at_once(begin));
  done.set_value();
}

TEST_F(SecureChannel, AForkedProcessLeavesItToItsParent) {
  std::jthread server = serve();
  open();
  EXPECT_EQ(tdx_secure_channel_send(kSome, sizeof kSome), TDX_SUCCESS);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Bytes buffer(10);
    size_t size = buffer.size();
    const bool silent = tdx_secure_channel_send(kSome, 1) == TDX_ERROR_COMMUNICATION &&
                        tdx_secure_channel_recv(buffer.data(), &size) == TDX_ERROR_COMMUNICATION;
    tdx_security_cleanup();
    _exit(silent ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(receive(sizeof kSome).size(), sizeof kSome);
  EXPECT_EQ(tdx_secure_channel_send(kSome, sizeof kSome), TDX_SUCCESS);
  EXPECT_EQ(receive(sizeof kSome).size(), sizeof kSome);
  tdx_secure_channel_cleanup();
}

TEST_F(SecureChannel, AKeyDoesNotStandForEvidence) {
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), key_.sha256().data(), true, 20'000),
            TDX_SUCCESS);
  std::jthread server = serve();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_ATTESTATION) << "nobody trusts its evidence";
  server.join();
}

TEST_F(SecureChannel, WhatIsClosedWhileItIsMadeIsNotKept) {
  trust();
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  std::future<int> connecting = std::async(std::launch::async, tdx_secure_channel_init);
  channel::Socket socket = listener_.accept().value();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_INVALID_PARAM) << "one is being made";
  tdx_secure_channel_cleanup();
  std::jthread server([&] { echo(std::move(socket)); });
  EXPECT_EQ(connecting.get(), TDX_ERROR_COMMUNICATION);
  EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_ERROR_COMMUNICATION);
}

// There is no memory for what is asked of it.
class TdWithoutMemory final : public td::Td {
 public:
  Result<Bytes> report(const ByteArray<64>&) override { throw std::bad_alloc(); }
  Result<Bytes> quote(const ByteArray<64>&) override { throw std::bad_alloc(); }
  Result<Bytes> quote_report(ByteView) override { throw std::bad_alloc(); }
  Result<ByteArray<48>> read_rtmr(unsigned) override { throw std::bad_alloc(); }
  Result<void> extend_rtmr(unsigned, const ByteArray<48>&) override { throw std::bad_alloc(); }
  Result<std::string> boot_id() override { throw std::bad_alloc(); }
  bool simulated() const override { return true; }
};

TEST_F(SecureChannel, OneThatWasNotMadeForWantOfMemoryCanBeMadeAgain) {
  ASSERT_TRUE(change_session([](Session& session) -> Result<void> {
                session.security_td = security_td(std::make_shared<TdWithoutMemory>());
                return {};
              }).ok());
  trust();
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  EXPECT_EQ(tdx_secure_channel_init(), TDX_ERROR_NO_MEMORY);
  ASSERT_EQ(tdx_secure_channel_init(), TDX_ERROR_NO_MEMORY);
  tdx_security_cleanup();
  ASSERT_EQ(tdx_security_init(), TDX_SUCCESS);
  std::jthread server = serve();
  EXPECT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
  tdx_secure_channel_cleanup();
}

TEST_F(SecureChannel, AfterACutThereIsRoomForAnother) {
  trust();
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 20'000), TDX_SUCCESS);
  for (const bool sending : {false, true}) {
    std::promise<void> done;
    std::jthread server = hang_up(done.get_future());
    ASSERT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
    done.set_value();
    server.join();
    if (sending) {
      const Bytes much(size_t{1} << 20);
      while (tdx_secure_channel_send(much.data(), much.size()) == TDX_SUCCESS) {
      }
    } else {
      Bytes buffer(10, 0xff);
      size_t size = buffer.size();
      EXPECT_EQ(tdx_secure_channel_recv(buffer.data(), &size), TDX_ERROR_COMMUNICATION);
      EXPECT_TRUE(size == 0 && all_zero(buffer));
    }
    EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_ERROR_COMMUNICATION);
    EXPECT_NE(last().reason.find("there is no channel"), std::string::npos) << last().reason;
  }
}

TEST_F(SecureChannel, StaysWhereThePeerSaysNothing) {
  trust();
  set_policy();
  ASSERT_EQ(tdx_secure_channel_configure(address().c_str(), nullptr, true, 1'000), TDX_SUCCESS);
  std::jthread server = serve();
  ASSERT_EQ(tdx_secure_channel_init(), TDX_SUCCESS) << last().reason;
  Bytes buffer(10, 0xff);
  size_t size = buffer.size();
  EXPECT_EQ(tdx_secure_channel_recv(buffer.data(), &size), TDX_ERROR_COMMUNICATION);
  EXPECT_TRUE(size == 0 && all_zero(buffer));
  EXPECT_EQ(tdx_secure_channel_send(kSome, 1), TDX_SUCCESS);
  EXPECT_EQ(tdx_secure_channel_recv(buffer.data(), &(size = buffer.size())), TDX_SUCCESS);
  EXPECT_EQ(size, 1u);
  tdx_secure_channel_cleanup();
}

}  // namespace
}  // namespace quoin::capi
