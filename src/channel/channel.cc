#include "quoin/channel.h"

#include <utility>

#include "src/base/try.h"
#include "src/channel/agreement.h"
#include "src/channel/deadline.h"
#include "src/channel/socket.h"
#include "src/channel/tls_session.h"

namespace quoin {

using channel::Deadline;

struct AttestedChannel::State {
  channel::TlsSession session;
  PeerAppraisal peer;
};

namespace {

Error makes_no_sense(const char* what) { return {ErrorCode::invalid_argument, what}; }

Result<void> check_options(ChannelRole role, const ChannelOptions& options) {
  if (role == ChannelRole::client && !options.peer_evidence && !options.peer_key_sha256) {
    return makes_no_sense("a client that wants neither evidence nor a certain key of its peer");
  }
  if (options.peer_evidence &&
      (options.peer_evidence->verifier == nullptr || !options.peer_evidence->collateral)) {
    return makes_no_sense("evidence is wanted, and there is no verifier or no collateral for it");
  }
  return {};
}

// The key that this side shows: a server must have one, and so must whoever attests.
Result<std::optional<ChannelKey>> key_to_show(ChannelRole role, const ChannelOptions& options) {
  if (options.key || (role == ChannelRole::client && !options.attester)) return options.key;
  return std::optional(TRY(ChannelKey::generate()));
}

Result<channel::TlsSession> open(channel::Socket socket, ChannelRole role,
                                 const ChannelOptions& options, UtcTime now,
                                 PeerAppraisal& appraisal) {
  TRY(check_options(role, options));
  const Deadline deadline = Deadline::in(options.handshake_timeout);
  const channel::TlsParameters parameters = {
      .role = role,
      .key = TRY(key_to_show(role, options)),
      .require_client_key = options.peer_evidence || options.peer_key_sha256};
  channel::TlsSession session = TRY(channel::TlsSession::handshake(
      std::move(socket), parameters, deadline, &appraisal.refuses_us));
  TRY(channel::agree(session, role, options, now, deadline, appraisal));
  return session;
}

}  // namespace

const Check* PeerAppraisal::reason() const {
  const Check* const not_genuine = verdict ? verdict->reason() : nullptr;
  return not_genuine == nullptr && decision ? decision->reason() : not_genuine;
}

AttestedChannel::AttestedChannel(std::unique_ptr<State> state) : state_(std::move(state)) {}
AttestedChannel::AttestedChannel(AttestedChannel&&) noexcept = default;
AttestedChannel& AttestedChannel::operator=(AttestedChannel&&) noexcept = default;
AttestedChannel::~AttestedChannel() = default;

Result<AttestedChannel> AttestedChannel::establish(int socket, ChannelRole role,
                                                   const ChannelOptions& options, UtcTime now,
                                                   PeerAppraisal* appraisal) {
  PeerAppraisal found;
  Result<channel::TlsSession> session = open(channel::Socket(socket), role, options, now, found);
  if (appraisal != nullptr) *appraisal = found;
  if (!session.ok()) return std::move(session).error();
  return AttestedChannel(std::make_unique<State>(std::move(session).value(), std::move(found)));
}

Result<AttestedChannel> AttestedChannel::connect(int socket, const ChannelOptions& options,
                                                 UtcTime now, PeerAppraisal* appraisal) {
  return establish(socket, ChannelRole::client, options, now, appraisal);
}

Result<AttestedChannel> AttestedChannel::accept(int socket, const ChannelOptions& options,
                                                UtcTime now, PeerAppraisal* appraisal) {
  return establish(socket, ChannelRole::server, options, now, appraisal);
}

const PeerAppraisal& AttestedChannel::peer() const { return state_->peer; }

Result<size_t> AttestedChannel::read(std::span<uint8_t> out, std::chrono::milliseconds timeout) {
  if (out.empty()) return makes_no_sense("reading into nothing");
  return state_->session.read_some(out, Deadline::in(timeout));
}

Result<void> AttestedChannel::write(ByteView bytes, std::chrono::milliseconds timeout) {
  return state_->session.write_all(bytes, Deadline::in(timeout));
}

Result<size_t> AttestedChannel::write_some(ByteView bytes, std::chrono::milliseconds timeout) {
  if (bytes.empty()) return makes_no_sense("writing nothing");
  return state_->session.write_some(bytes, Deadline::in(timeout));
}

Result<void> AttestedChannel::finish(std::chrono::milliseconds timeout) {
  return state_->session.finish(Deadline::in(timeout));
}

int AttestedChannel::socket() const { return state_->session.fd(); }
bool AttestedChannel::has_unread() const { return state_->session.has_unread(); }

}  // namespace quoin
