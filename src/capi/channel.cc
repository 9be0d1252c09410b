// tdx_security.h: the attested channel.

#include "src/capi/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "quoin/channel.h"
#include "src/base/try.h"
#include "src/capi/judging.h"
#include "src/capi/report.h"
#include "src/capi/session.h"
#include "src/channel/deadline.h"
#include "src/channel/tcp.h"
#include "src/os/deadline.h"
#include "tdx_security.h"

namespace quoin::capi {
namespace {

constexpr uint32_t kMaxTimeoutMs = 3'600'000;

// Of what becomes of a connection: what either side refuses is told apart.
constexpr Codes kChannel = security_codes(TDX_ERROR_COMMUNICATION, TDX_ERROR_COMMUNICATION);

// An open channel, and the turns of those who use it. Nobody waits for the peer to send or to read
// while holding `mutex`: one thread may send while another receives, and a third may close.
struct OpenChannel {
  OpenChannel(AttestedChannel connected, std::chrono::milliseconds patience)
      : channel(std::move(connected)), timeout(patience) {}

  std::mutex sending;  // for a whole message, so that two do not mix; taken before `mutex`
  std::mutex mutex;    // for the three below
  AttestedChannel channel;
  // Whoever waited for a turn meanwhile has no channel any more.
  bool closed = false;
  // A part of a message is out: only its rest can follow. Changed by whoever has both.
  bool in_message = false;
  const std::chrono::milliseconds timeout;
  // A process that is forked later has a copy of the keys, and the same connection: whatever it
  // sent would be under keys and counts that this one uses too.
  const pid_t owner = getpid();
};

struct Place {
  std::mutex mutex;
  std::shared_ptr<OpenChannel> open;
  bool connecting = false;
  // Counts what was closed, so that a connection that is still being made then is not kept.
  uint64_t closed = 0;
};

// Like the session, it lives as long as the process.
Place& place() {
  static auto* const place = new Place;
  return *place;
}

Error no_channel() { return {ErrorCode::io, "there is no channel", "tdx_secure_channel_init()"}; }

Result<std::shared_ptr<OpenChannel>> open_channel() {
  Place& own = place();
  const std::lock_guard lock(own.mutex);
  if (!own.open) return no_channel();
  if (own.open->owner != getpid()) {
    return Error{ErrorCode::io, "the channel is of the process that this one was forked from",
                 "tdx_secure_channel_cleanup() leaves it to that one"};
  }
  return own.open;
}

// Ends a channel, and wakes whoever waits in it. The peer is told, unless a message was cut. In a
// forked process only its own copy ends.
void end(OpenChannel& open) {
  const std::lock_guard lock(open.mutex);
  if (open.closed) return;
  open.closed = true;
  if (open.owner != getpid()) return;
  constexpr std::chrono::seconds kPatience{1};
  // A peer that is gone cannot be told.
  if (!open.in_message) static_cast<void>(open.channel.finish(kPatience));
  shutdown(open.channel.socket(), SHUT_RDWR);
}

// Ends a channel that has failed, and forgets it unless another one has its place by now.
void drop(const std::shared_ptr<OpenChannel>& failed) {
  {
    Place& own = place();
    const std::lock_guard lock(own.mutex);
    if (own.open == failed) own.open = nullptr;
  }
  end(*failed);
}

// The turn to send one message. When no more comes of a message that has begun, whether by an error
// or by an exception, the channel ends: what followed would be taken for its rest.
class SendingTurn {
 public:
  explicit SendingTurn(std::shared_ptr<OpenChannel> open)
      : open_(std::move(open)), lock_(open_->sending) {}
  SendingTurn(const SendingTurn&) = delete;
  SendingTurn& operator=(const SendingTurn&) = delete;
  ~SendingTurn() {
    if (open_->in_message) drop(open_);
  }

 private:
  std::shared_ptr<OpenChannel> open_;
  std::lock_guard<std::mutex> lock_;
};

// A service that refuses us has not refused the peer.
Result<PreparedCollateral> collateral_of_peer(const Session& session, const Quote& quote) {
  Result<PreparedCollateral> collateral = collateral_for(session, "tdx_secure_channel_init", quote);
  if (collateral.ok() || collateral.error().code != ErrorCode::refused) return collateral;
  Error error = std::move(collateral).error();
  error.code = ErrorCode::io;
  return error;
}

// For a connection that must be open by then. What the TD says later is of no use.
ChannelOptions options_for(const Session& session, Deadline deadline) {
  const ChannelPeer& peer = *session.peer;
  ChannelOptions options;
  options.peer_key_sha256 = peer.key_sha256;
  if (peer.wants_evidence) {
    options.peer_evidence = WantedEvidence{.verifier = session.verifier.get(),
                                           .policy = *session.policy,
                                           .collateral = [&session](const Quote& quote) {
                                             return collateral_of_peer(session, quote);
                                           }};
  }
  const std::shared_ptr<td::Td> td = session.security_td->until(deadline);
  if (prove_guest(*td).ok()) {
    options.attester = [td, deadline,
                        log = session.runtime_log()](const ByteArray<64>& report_data) {
      return own_evidence(*td, log, report_data, deadline);
    };
  }
  return options;
}

Result<std::shared_ptr<OpenChannel>> connect(const Session& session) {
  const ChannelPeer& peer = *session.peer;
  const Deadline deadline = deadline_after(peer.timeout);
  ChannelOptions options = options_for(session, deadline);
  channel::Socket socket =
      TRY(channel::tcp_connect(peer.address, channel::Deadline::in(remaining(deadline))));
  options.handshake_timeout = remaining(deadline);
  AttestedChannel connected = TRY(AttestedChannel::connect(socket.release(), options, now()));
  return std::make_shared<OpenChannel>(std::move(connected), peer.timeout);
}

// Begins to connect; returns how many channels had been closed by then.
Result<uint64_t> begin() {
  Place& own = place();
  const std::lock_guard lock(own.mutex);
  if (own.open || own.connecting) {
    return Error{ErrorCode::invalid_argument, "there is a channel already",
                 "tdx_secure_channel_cleanup() closes it"};
  }
  own.connecting = true;
  return own.closed;
}

// Ends what begin() began, an exception or not.
class Connecting {
 public:
  Connecting() = default;
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;
  ~Connecting() {
    Place& own = place();
    const std::lock_guard lock(own.mutex);
    own.connecting = false;
  }
};

Result<void> keep(Result<std::shared_ptr<OpenChannel>> connected, uint64_t closed_before) {
  Place& own = place();
  const std::lock_guard lock(own.mutex);
  if (!connected.ok()) return std::move(connected).error();
  if (own.closed != closed_before) {
    return Error{ErrorCode::io, "the channel was closed while it was made", ""};
  }
  own.open = *std::move(connected);
  return {};
}

Outcome open(const Session& session) {
  if (!session.peer) {
    return Error{ErrorCode::unsupported, "no peer is configured",
                 "tdx_secure_channel_configure() names it"};
  }
  if (session.peer->wants_evidence && !session.policy) {
    return {TDX_ERROR_NOT_SUPPORTED,
            {ErrorCode::unsupported, "no policy says which peer is accepted", "tdx_set_policy()"}};
  }
  const uint64_t closed_before = TRY(begin());
  const Connecting connecting;
  Result<void> kept = keep(connect(session), closed_before);
  if (kept.ok()) return {};
  const int code =
      kept.error().code == ErrorCode::refused ? TDX_ERROR_ATTESTATION : TDX_ERROR_COMMUNICATION;
  return {code, std::move(kept).error()};
}

// Until the socket is ready for `events`, or the channel has ended.
Result<void> wait_for(OpenChannel& open, short events, const channel::Deadline& deadline) {
  while (true) {
    // Asked first: a peer that sends a byte now and then is always ready.
    if (deadline.passed()) return Error{ErrorCode::timed_out, "the peer took too long", ""};
    pollfd waiting{.fd = open.channel.socket(), .events = events, .revents = 0};
    const int count = poll(&waiting, 1, deadline.poll_timeout());
    if (count > 0) return {};
    if (count < 0 && errno != EINTR) return channel::system_error("poll", errno);
  }
}

// Writes what can be written without waiting, and otherwise fails with timed_out.
Result<size_t> write_at_once(OpenChannel& open, ByteView bytes) {
  const std::lock_guard lock(open.mutex);
  if (open.closed) return no_channel();
  open.in_message = true;
  Result<size_t> written = open.channel.write_some(bytes, std::chrono::milliseconds(0));
  if (written.ok() && *written == bytes.size()) open.in_message = false;
  return written;
}

Result<void> write_all(OpenChannel& open, ByteView bytes) {
  const channel::Deadline deadline = channel::Deadline::in(open.timeout);
  while (!bytes.empty()) {
    Result<size_t> written = write_at_once(open, bytes);
    if (written.ok()) {
      bytes = bytes.subspan(*written);
    } else if (written.error().code == ErrorCode::timed_out) {
      TRY(wait_for(open, POLLOUT, deadline));
    } else {
      return std::move(written).error();
    }
  }
  return {};
}

Outcome send(ByteView bytes) {
  const std::shared_ptr<OpenChannel> open = TRY(open_channel());
  if (bytes.empty()) return {};
  const SendingTurn turn(open);
  Result<void> written = write_all(*open, bytes);
  if (written.ok()) return {};
  return {TDX_ERROR_COMMUNICATION, std::move(written).error()};
}

// Reads what has come, and fails with timed_out where that is nothing.
Result<size_t> read_at_once(OpenChannel& open, std::span<uint8_t> buffer) {
  const std::lock_guard lock(open.mutex);
  if (open.closed) return no_channel();
  return open.channel.read(buffer, std::chrono::milliseconds(0));
}

Outcome receive(std::span<uint8_t> buffer, size_t& count) {
  const std::shared_ptr<OpenChannel> open = TRY(open_channel());
  const channel::Deadline deadline = channel::Deadline::in(open->timeout);
  while (true) {
    Result<size_t> read = read_at_once(*open, buffer);
    if (read.ok()) {
      count = *read;
      return {};
    }
    if (read.error().code != ErrorCode::timed_out) {
      drop(open);
      return {TDX_ERROR_COMMUNICATION, std::move(read).error()};
    }
    TRY(wait_for(*open, POLLIN, deadline));
  }
}

Result<ChannelPeer> read_peer(const char* address, const uint8_t* key_sha256, bool wants_evidence,
                              uint32_t timeout_ms) {
  ChannelPeer peer;
  peer.address = TRY(channel::parse_tcp_address(address));
  if (key_sha256 != nullptr) std::copy_n(key_sha256, 32, peer.key_sha256.emplace().begin());
  peer.wants_evidence = wants_evidence;
  if (!wants_evidence && key_sha256 == nullptr) {
    return wrong("a peer without evidence and without a key would be anybody");
  }
  if (timeout_ms > kMaxTimeoutMs) return wrong("timeout_ms is more than an hour");
  if (timeout_ms != 0) peer.timeout = std::chrono::milliseconds(timeout_ms);
  return peer;
}

}  // namespace

void close_channel() {
  Place& own = place();
  std::shared_ptr<OpenChannel> open;
  {
    const std::lock_guard lock(own.mutex);
    ++own.closed;
    open = std::exchange(own.open, nullptr);
  }
  if (open) end(*open);
}

extern "C" {

int tdx_secure_channel_configure(const char* peer, const uint8_t* peer_key_sha256,
                                 bool wants_evidence, uint32_t timeout_ms) {
  return run_security(
      "tdx_secure_channel_configure", kSettings, [&](const Session&, td::Td&) -> Outcome {
        std::optional<ChannelPeer> configured;
        if (peer != nullptr) {
          configured = TRY(read_peer(peer, peer_key_sha256, wants_evidence, timeout_ms));
        }
        return change_session([&](Session& changed) -> Result<void> {
          changed.peer = configured;
          return {};
        });
      });
}

int tdx_secure_channel_init() {
  return run_security("tdx_secure_channel_init", kChannel,
                      [](const Session& session, td::Td&) { return open(session); });
}

int tdx_secure_channel_send(const uint8_t* data, size_t len) {
  return run_security("tdx_secure_channel_send", kChannel, [&](const Session&, td::Td&) -> Outcome {
    const ByteView bytes = TRY(view_of(data, len, "the data"));
    return send(bytes);
  });
}

int tdx_secure_channel_recv(uint8_t* data, size_t* len) {
  const size_t capacity = take_capacity(len);
  const int code =
      run_security("tdx_secure_channel_recv", kChannel, [&](const Session&, td::Td&) -> Outcome {
        if (data == nullptr || capacity == 0) {
          return wrong("there is no room for what is received");
        }
        return receive({data, capacity}, *len);
      });
  return zero_unless_ok(code, data, capacity);
}

void tdx_secure_channel_cleanup() {
  run("tdx_secure_channel_cleanup", kChannel, [](const Session&) -> Outcome {
    close_channel();
    return {};
  });
}

}  // extern "C"
}  // namespace quoin::capi
