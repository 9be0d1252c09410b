// Peers that stop, in the middle of anything, with and without a word.

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/channel/peers_testing.h"

namespace quoin::channel {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Hands on what two sockets send, up to so many bytes in each direction; then closes both.
class Wire {
 public:
  Wire(Socket one, Socket other, size_t from_one, size_t from_other)
      : thread_([one = std::move(one), other = std::move(other), from_one, from_other]() mutable {
          std::array<size_t, 2> left = {from_one, from_other};
          const std::array<int, 2> fds = {one.fd(), other.fd()};
          while (left[0] > 0 && left[1] > 0 && pass_on(fds, left)) {
          }
        }) {}
  ~Wire() { thread_.join(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

 private:
  static bool pass_on(const std::array<int, 2>& fds, std::array<size_t, 2>& left) {
    std::array<pollfd, 2> polled = {pollfd{.fd = fds[0], .events = POLLIN, .revents = 0},
                                    pollfd{.fd = fds[1], .events = POLLIN, .revents = 0}};
    if (poll(polled.data(), polled.size(), static_cast<int>(kPatience.count())) <= 0) return false;
    for (size_t i = 0; i < fds.size(); ++i) {
      if (polled[i].revents == 0) continue;
      Bytes buffer(std::min(left[i], size_t{4096}));
      const ssize_t count = recv(fds[i], buffer.data(), buffer.size(), 0);
      if (count <= 0) return false;
      left[i] -= static_cast<size_t>(count);
      if (send(fds[1 - i], buffer.data(), static_cast<size_t>(count), MSG_NOSIGNAL) != count) {
        return false;
      }
    }
    return true;
  }

  std::thread thread_;
};

constexpr size_t kEverything = SIZE_MAX;

// Makes a mutual connection over a wire that breaks, and sends "data" from the client.
struct Outcome {
  bool connected = false;
  Result<size_t> read = 0;
};

Outcome over_wire(size_t from_client, size_t from_server) {
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions options = attesting(td);
  options.peer_evidence = verifier.wanted();
  SocketPair near_side;
  SocketPair far_side;
  const Wire wire(std::move(near_side.second), std::move(far_side.first), from_client, from_server);
  auto accepting = start_server(std::move(far_side.second), options);
  auto client = start_client(std::move(near_side.first), options).get();
  Outcome outcome;
  // The client's socket goes before the wire is waited for.
  if (client.ok()) {
    static_cast<void>(client->write(as_bytes("data"), kPatience).ok());
    static_cast<void>(client->finish(kPatience).ok());
  }
  auto server = accepting.get();
  if (!server.ok()) return outcome;
  outcome.connected = true;
  Bytes buffer(100);
  outcome.read = server->read(buffer, kPatience);
  return outcome;
}

// How many bytes the whole connection has in a direction: the fewest with which it works.
size_t bytes_needed(const std::function<bool(size_t)>& works) {
  size_t low = 0;
  size_t high = size_t{1} << 16;
  while (low + 1 < high) {
    const size_t middle = (low + high) / 2;
    (works(middle) ? high : low) = middle;
  }
  return high;
}

// Wherever the wire breaks, no side takes what it has for a whole.
TEST(Cut, AnywhereFromTheClient) {
  // Signatures vary by some bytes from one connection to the next.
  const size_t all = bytes_needed([](size_t size) {
    const Outcome outcome = over_wire(size, kEverything);
    return outcome.read.ok() && *outcome.read == 4;
  });
  ASSERT_GT(all, 4000) << "a quote alone has more";
  for (size_t size = 1; size < all - 64; size += 293) {
    const Outcome outcome = over_wire(size, kEverything);
    EXPECT_FALSE(outcome.read.ok() && *outcome.read > 0) << size << " of " << all;
    if (outcome.connected) {
      EXPECT_EQ(outcome.read.error().code, ErrorCode::truncated);
    }
  }
}

TEST(Cut, AnywhereFromTheServer) {
  for (size_t size = 1; size < 5000; size += 307) {
    const Outcome outcome = over_wire(kEverything, size);
    EXPECT_FALSE(outcome.connected) << size;
  }
}

// A peer that goes away with a word, at every step.
TEST(Cut, WithAWordInTheMiddle) {
  const TestTd td;
  const std::vector<std::function<void(RawPeer&)>> plays = {
      [](RawPeer&) {},
      [](RawPeer& peer) { static_cast<void>(peer.send_bytes(Bytes{0, 0}).ok()); },
      [](RawPeer& peer) { static_cast<void>(peer.greet(false).ok()); },
      [](RawPeer& peer) {
        static_cast<void>(peer.greet(false).ok());
        static_cast<void>(peer.send_bytes(Bytes{0, 0, 1, 0, 2, 0x83}).ok());
      },
      [&](RawPeer& peer) {
        const Hello hello = peer.greet(false).value();
        const TdEvidence evidence = td.quote(tls_binding(peer.binding(hello.nonce)));
        static_cast<void>(peer.send(MessageType::evidence, write_cmw(evidence)).ok());
      },
  };
  for (const auto& play : plays) {
    const TestVerifier verifier;
    const ChannelOptions options = verifying(verifier);
    SocketPair pair;
    auto client = start_client(std::move(pair.first), options);
    auto server = RawPeer::open(std::move(pair.second), raw_server());
    ASSERT_TRUE(server.ok());
    play(*server);
    ASSERT_TRUE(server->session().finish(RawPeer::patience()).ok());
    const auto connected = client.get();
    ASSERT_FALSE(connected.ok());
    EXPECT_EQ(connected.error().what, "the peer ended in the middle of a message");
  }
}

// What a client of 200 ms does with a server that does `play` and then nothing.
void expect_timeout(const std::function<void(Socket)>& play) {
  const TestVerifier verifier;
  ChannelOptions options = verifying(verifier);
  options.handshake_timeout = milliseconds(200);
  SocketPair pair;
  const auto started = Clock::now();
  auto client = start_client(std::move(pair.first), options);
  play(std::move(pair.second));
  const auto connected = client.get();
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().code, ErrorCode::timed_out) << error_of(connected);
  EXPECT_LT(Clock::now() - started, kPatience / 2);
}

TEST(Silent, AtEveryStep) {
  const TestTd td;
  expect_timeout([](const Socket&) { std::this_thread::sleep_for(milliseconds(400)); });
  const auto after = [](const std::function<void(RawPeer&)>& play) {
    expect_timeout([&](Socket socket) {
      auto server = RawPeer::open(std::move(socket), raw_server());
      if (server.ok()) play(*server);
      std::this_thread::sleep_for(milliseconds(400));
    });
  };
  after([](RawPeer&) {});
  after([](RawPeer& peer) { static_cast<void>(peer.greet(false).ok()); });
  after([&](RawPeer& peer) {
    const auto hello = peer.greet(false);
    if (!hello.ok()) return;
    const TdEvidence evidence = td.quote(tls_binding(peer.binding(hello->nonce)));
    static_cast<void>(peer.send(MessageType::evidence, write_cmw(evidence)).ok());
  });
}

// One that sends a byte now and then gets no more time than one that sends none.
TEST(Silent, AByteAtATime) {
  expect_timeout([](Socket socket) {
    auto server = RawPeer::open(std::move(socket), raw_server());
    if (!server.ok() || !server->greet(false).ok()) return;
    if (!server->send_bytes(Bytes{0, 1, 0, 0, 2}).ok()) return;
    const auto until = Clock::now() + milliseconds(1500);
    while (Clock::now() < until && server->send_bytes(Bytes{0x83}).ok()) {
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
}

// One that reads nothing cannot hold a server that has much to send.
TEST(Silent, OneThatReadsNothing) {
  ChannelOptions options;
  options.handshake_timeout = milliseconds(300);
  options.attester = [](const ByteArray<64>&) -> Result<TdEvidence> {
    return TdEvidence{.quote = Bytes(kMaxEvidenceBytes - 100), .event_log = {}};
  };
  SocketPair pair;
  auto server = start_server(std::move(pair.second), options);
  auto client = RawPeer::open(std::move(pair.first), raw_client());
  ASSERT_TRUE(client.ok());
  ASSERT_TRUE(
      client
          ->send(MessageType::hello,
                 write_hello({.role = ChannelRole::client, .wants_evidence = true, .nonce = {}}))
          .ok());
  const auto accepted = server.get();
  ASSERT_FALSE(accepted.ok());
  EXPECT_EQ(accepted.error().code, ErrorCode::timed_out) << error_of(accepted);
}

}  // namespace
}  // namespace quoin::channel
