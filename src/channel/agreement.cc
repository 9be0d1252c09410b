#include "src/channel/agreement.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/channel/appraise.h"
#include "src/channel/binding.h"
#include "src/channel/cmw.h"
#include "src/channel/messages.h"
#include "src/crypto/random.h"

namespace quoin::channel {
namespace {

// A message grows as it arrives: nobody makes us hold memory for what they only announce.
constexpr size_t kPieceBytes = size_t{16} << 10;

Error out_of_order(const std::string& what) {
  return {ErrorCode::refused, "attested TLS: " + what};
}

ChannelRole other(ChannelRole role) {
  return role == ChannelRole::client ? ChannelRole::server : ChannelRole::client;
}

// One agreement. The messages go in one order, and no side sends two evidences' worth at once, so
// that no two sides wait for each other:
//
//   client  HELLO                              server  HELLO
//                                              server  EVIDENCE, if the client wants it
//   client  ACCEPTED
//   client  EVIDENCE, if the server wants it
//                                              server  ACCEPTED
class Agreement {
 public:
  Agreement(TlsSession& session, ChannelRole role, const ChannelOptions& options, UtcTime now,
            const Deadline& deadline, PeerAppraisal& appraisal)
      : session_(session),
        role_(role),
        options_(options),
        now_(now),
        deadline_(deadline),
        appraisal_(appraisal) {}

  Result<void> as_client() {
    TRY(check_peer_key());
    TRY(exchange_hellos());
    TRY(appraise_peer());
    TRY(send(MessageType::accepted, {}));
    if (peer_hello_.wants_evidence) TRY(attest());
    TRY(receive(MessageType::accepted));
    return {};
  }

  Result<void> as_server() {
    TRY(exchange_hellos());
    // A client hears that it is refused where it listens, and that is where it wants evidence, or
    // has accepted: on one that still speaks we would hang up.
    if (!peer_hello_.wants_evidence) TRY(receive(MessageType::accepted));
    TRY(check_peer_key());
    if (peer_hello_.wants_evidence) {
      TRY(attest());
      TRY(receive(MessageType::accepted));
    }
    TRY(appraise_peer());
    TRY(check_turn());
    TRY(send(MessageType::accepted, {}));
    return {};
  }

 private:
  Result<void> check_peer_key() {
    appraisal_.key_sha256 = session_.peer_key();
    if (options_.peer_key_sha256 && session_.peer_key() != options_.peer_key_sha256) {
      return Error{ErrorCode::refused, "the peer's key is not the one that is wanted"};
    }
    return {};
  }

  Result<void> exchange_hellos() {
    hello_.role = role_;
    hello_.wants_evidence = options_.peer_evidence.has_value();
    fill_random(hello_.nonce);
    TRY(send(MessageType::hello, write_hello(hello_)));
    const Bytes body = TRY(receive(MessageType::hello));
    peer_hello_ = TRY(parse_hello(body));
    if (peer_hello_.role != other(role_)) return out_of_order("the peer claims our own role");
    return {};
  }

  // Has our TD answer the peer's question.
  Result<void> attest() {
    if (!options_.attester) {
      appraisal_.refuses_us = true;
      return Error{ErrorCode::refused, "the peer wants evidence, and this side has none to give"};
    }
    if (!session_.own_key()) return out_of_order("the peer wants evidence of a key unseen");
    const ByteArray<64> report_data =
        TRY(binding(role_, *session_.own_key(), session_.peer_key(), peer_hello_.nonce));
    const Bytes body = TRY(own_evidence(report_data));
    TRY(check_deadline());
    return send(MessageType::evidence, body);
  }

  Result<Bytes> own_evidence(const ByteArray<64>& report_data) {
    const Result<TdEvidence> evidence = options_.attester(report_data);
    appraisal_.undecided = !evidence.ok();
    if (!evidence.ok()) return evidence.error();
    Bytes body = write_cmw(*evidence);
    appraisal_.undecided = body.size() > kMaxEvidenceBytes;
    if (appraisal_.undecided) {
      return Error{ErrorCode::too_large, "our own evidence is larger than a peer reads"};
    }
    return body;
  }

  // Looks at the peer's answer to our question, if we have one.
  Result<void> appraise_peer() {
    if (options_.peer_evidence) {
      if (!session_.peer_key()) return out_of_order("evidence of a key unseen");
      const ByteArray<64> report_data =
          TRY(binding(other(role_), *session_.peer_key(), session_.own_key(), hello_.nonce));
      const Bytes body = TRY(receive(MessageType::evidence));
      appraisal_.evidence = TRY(parse_cmw(body));
      TRY(appraise(report_data, *options_.peer_evidence, now_, appraisal_));
      TRY(check_deadline());
    }
    appraisal_.accepted = true;
    return {};
  }

  // A TD, and whoever has the collateral, take their own time.
  Result<void> check_deadline() {
    if (!deadline_.passed()) return {};
    return Error{ErrorCode::timed_out, "attested TLS: there was no agreement in time"};
  }

  // A client has nothing to say until the server has accepted it. What it sends in one record with
  // its last message it has sent too early.
  Result<void> check_turn() {
    if (session_.has_unread()) return out_of_order("data before it was accepted");
    return {};
  }

  Result<ByteArray<64>> binding(ChannelRole attester, const KeyDigest& attester_key,
                                const std::optional<KeyDigest>& verifier_key,
                                const ByteArray<32>& nonce) {
    return tls_binding({.attester_role = attester,
                        .attester_key = attester_key,
                        .verifier_key = verifier_key,
                        .exporter = TRY(session_.exporter()),
                        .nonce = nonce});
  }

  Result<void> send(MessageType type, ByteView body) {
    return session_.write_all(write_message(type, body), deadline_);
  }

  // The body of the next message, which must be of that type.
  Result<Bytes> receive(MessageType wanted) {
    ByteArray<kHeaderBytes> bytes{};
    TRY(session_.read_exact(bytes, deadline_));
    const MessageHeader header = TRY(parse_header(bytes));
    if (header.type == MessageType::refused) {
      appraisal_.refuses_us = true;
      return Error{ErrorCode::refused, "the peer refuses us, and does not say why"};
    }
    if (header.type != wanted) {
      return out_of_order(std::string(to_string(header.type)) + " instead of " +
                          std::string(to_string(wanted)));
    }
    Bytes body;
    while (body.size() < header.body_size) {
      const size_t before = body.size();
      const size_t piece = std::min(kPieceBytes, header.body_size - before);
      body.resize(before + piece);
      TRY(session_.read_exact(std::span(body).subspan(before), deadline_));
    }
    return body;
  }

  TlsSession& session_;
  const ChannelRole role_;
  const ChannelOptions& options_;
  const UtcTime now_;
  const Deadline& deadline_;
  PeerAppraisal& appraisal_;
  Hello hello_;
  Hello peer_hello_;
};

// Whoever is refused hears so, where that is possible without waiting.
void tell_refused(TlsSession& session) {
  const Deadline at_once = Deadline::in(std::chrono::milliseconds(0));
  if (session.write_all(write_message(MessageType::refused, {}), at_once).ok()) {
    static_cast<void>(session.finish(at_once).ok());
  }
}

}  // namespace

Result<void> agree(TlsSession& session, ChannelRole role, const ChannelOptions& options,
                   UtcTime now, const Deadline& deadline, PeerAppraisal& appraisal) {
  Agreement agreement(session, role, options, now, deadline, appraisal);
  const Result<void> agreed =
      role == ChannelRole::client ? agreement.as_client() : agreement.as_server();
  if (!agreed.ok()) {
    appraisal.accepted = false;
    appraisal.refuses_us |= session.refuses_us();
    appraisal.undecided |= agreed.error().code == ErrorCode::timed_out;
    if (!appraisal.undecided) tell_refused(session);
  }
  return agreed;
}

}  // namespace quoin::channel
