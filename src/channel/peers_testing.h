// What the tests of this room share: a simulated TD, what accepts it, and peers that do what an
// attacker likes.

#ifndef QUOIN_SRC_CHANNEL_PEERS_TESTING_H_
#define QUOIN_SRC_CHANNEL_PEERS_TESTING_H_

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <future>
#include <optional>
#include <string>
#include <utility>

#include "quoin/channel.h"
#include "src/base/try.h"
#include "src/channel/binding.h"
#include "src/channel/cmw.h"
#include "src/channel/messages.h"
#include "src/channel/tls_session.h"
#include "src/simulator/platform.h"

namespace quoin::channel {

inline constexpr UtcTime kTestNow{std::chrono::seconds(1'772'409'600)};
inline constexpr std::chrono::milliseconds kPatience = std::chrono::seconds(20);

// A simulated machine, and a TD on it.
class TestTd {
 public:
  explicit TestTd(uint8_t seed = 1) : platform_(seed_of(seed), kTestNow) {}

  TdEvidence quote(const ByteArray<64>& report_data) const {
    const Bytes report = platform_.td_report(state_, report_data);
    return {.quote = platform_.quote(report).value(), .event_log = event_log_};
  }

  Attester attester() const {
    return [this](const ByteArray<64>& report_data) -> Result<TdEvidence> {
      return quote(report_data);
    };
  }

  // To be changed before the TD is asked.
  simulator::TdState& state() { return state_; }
  Bytes& event_log() { return event_log_; }
  const simulator::Platform& platform() const { return platform_; }

  static simulator::Seed seed_of(uint8_t number) {
    simulator::Seed seed;
    seed.mutable_view()[0] = number;
    return seed;
  }

 private:
  simulator::Platform platform_;
  simulator::TdState state_ = simulator::default_td_state();
  Bytes event_log_;
};

// Accepts TestTd as it is when it is made, and nothing else.
class TestVerifier {
 public:
  explicit TestVerifier(const TestTd& td = TestTd())
      : verifier_({TrustRoot::parse(td.platform().root_certificate()).value()}),
        collateral_(Collateral::parse(td.platform().collateral_bundle()).value()) {
    const simulator::TdState state = simulator::default_td_state();
    MeasurementSet set;
    set.name = "test";
    set.mr_td = state.mr_td;
    set.rtmr0 = state.rtmr0;
    set.rtmr1 = state.rtmr1;
    set.rtmr2 = state.rtmr2;
    wanted_.verifier = &verifier_;
    wanted_.policy.measurements = {std::move(set)};
    wanted_.collateral = [this](const Quote&) -> Result<PreparedCollateral> { return collateral_; };
  }
  TestVerifier(const TestVerifier&) = delete;
  TestVerifier& operator=(const TestVerifier&) = delete;

  const WantedEvidence& wanted() const { return wanted_; }

 private:
  Verifier verifier_;
  PreparedCollateral collateral_;
  WantedEvidence wanted_;
};

// Options of the two ends that most tests begin with.
inline ChannelOptions attesting(const TestTd& td) {
  ChannelOptions options;
  options.attester = td.attester();
  options.handshake_timeout = kPatience;
  return options;
}
inline ChannelOptions verifying(const TestVerifier& verifier) {
  ChannelOptions options;
  options.peer_evidence = verifier.wanted();
  options.handshake_timeout = kPatience;
  return options;
}

// Two sockets that are connected with each other; first and second are released by whoever takes
// them over.
struct SocketPair {
  SocketPair() {
    std::array<int, 2> fds{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) std::abort();
    first = Socket(fds[0]);
    second = Socket(fds[1]);
  }
  Socket first;
  Socket second;
};

// The two ends of one connection, each made in a thread of its own.
struct Ends {
  Result<AttestedChannel> client;
  Result<AttestedChannel> server;
};

inline std::future<Result<AttestedChannel>> start_client(Socket socket,
                                                         const ChannelOptions& options,
                                                         PeerAppraisal* appraisal = nullptr) {
  return std::async(std::launch::async, [fd = socket.release(), &options, appraisal] {
    return AttestedChannel::connect(fd, options, kTestNow, appraisal);
  });
}

inline std::future<Result<AttestedChannel>> start_server(Socket socket,
                                                         const ChannelOptions& options,
                                                         PeerAppraisal* appraisal = nullptr) {
  return std::async(std::launch::async, [fd = socket.release(), &options, appraisal] {
    return AttestedChannel::accept(fd, options, kTestNow, appraisal);
  });
}

// They borrow the options for as long as that takes.
std::future<Result<AttestedChannel>> start_client(Socket, ChannelOptions&&,
                                                  PeerAppraisal* = nullptr) = delete;
std::future<Result<AttestedChannel>> start_server(Socket, ChannelOptions&&,
                                                  PeerAppraisal* = nullptr) = delete;

inline Ends join(const ChannelOptions& client, const ChannelOptions& server) {
  SocketPair pair;
  auto accepting = start_server(std::move(pair.second), server);
  auto connecting = start_client(std::move(pair.first), client);
  Result<AttestedChannel> connected = connecting.get();
  return {std::move(connected), accepting.get()};
}

// A peer that speaks TLS as we do, and then says what it likes.
class RawPeer {
 public:
  static Result<RawPeer> open(Socket socket, const TlsParameters& parameters) {
    return RawPeer(TRY(TlsSession::handshake(std::move(socket), parameters, patience())),
                   parameters.role);
  }

  TlsSession& session() { return session_; }
  static Deadline patience() { return Deadline::in(kPatience); }

  Result<void> send_bytes(ByteView bytes) { return session_.write_all(bytes, patience()); }
  Result<void> send(MessageType type, ByteView body = {}) {
    return send_bytes(write_message(type, body));
  }

  struct Message {
    MessageType type;
    Bytes body;
  };
  Result<Message> receive() {
    ByteArray<kHeaderBytes> bytes{};
    TRY(session_.read_exact(bytes, patience()));
    const MessageHeader header = TRY(parse_header(bytes));
    Message message = {.type = header.type, .body = Bytes(header.body_size)};
    TRY(session_.read_exact(message.body, patience()));
    return message;
  }

  // Exchanges HELLOs as an honest peer does, and returns the other's.
  Result<Hello> greet(bool wants_evidence, const ByteArray<32>& nonce = {}) {
    TRY(send(MessageType::hello,
             write_hello({.role = role_, .wants_evidence = wants_evidence, .nonce = nonce})));
    const Message message = TRY(receive());
    return parse_hello(message.body);
  }

  // What evidence of this side must say, when the other has asked with that nonce.
  TlsBinding binding(const ByteArray<32>& nonce) const {
    return {.attester_role = role_,
            .attester_key = session_.own_key().value_or(KeyDigest{}),
            .verifier_key = session_.peer_key(),
            .exporter = session_.exporter().value(),
            .nonce = nonce};
  }

 private:
  RawPeer(TlsSession session, ChannelRole role) : session_(std::move(session)), role_(role) {}

  TlsSession session_;
  ChannelRole role_;
};

inline TlsParameters raw_server(std::optional<ChannelKey> key = std::nullopt) {
  return {.role = ChannelRole::server,
          .key = key ? *key : ChannelKey::generate().value(),
          .require_client_key = false};
}
inline TlsParameters raw_client(std::optional<ChannelKey> key = std::nullopt) {
  return {.role = ChannelRole::client, .key = std::move(key), .require_client_key = false};
}

template <typename T>
std::string error_of(const Result<T>& result) {
  if (result.ok()) return "accepted";
  return std::string(to_string(result.error().code)) + ": " + result.error().what;
}

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_PEERS_TESTING_H_
