// Attested TLS: a TLS 1.3 connection that carries data only once each side that wants evidence of
// the other has accepted it, bound to this very connection (docs/formats.md, "Attested TLS").

#ifndef QUOIN_CHANNEL_H_
#define QUOIN_CHANNEL_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "quoin/bytes.h"
#include "quoin/policy.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "quoin/verifier.h"
#include "quoin/verify.h"

namespace quoin {

// Of a TLS connection.
enum class ChannelRole : uint8_t { client = 1, server = 2 };

// What a TD hands over for itself.
struct TdEvidence {
  Bytes quote;
  // Its runtime events, as RuntimeEventLog::parse() reads them; empty where there are none.
  Bytes event_log;
};

// Has the TD that we run in quote exactly that report data. May be called from any thread that
// makes a connection.
using Attester = std::function<Result<TdEvidence>(const ByteArray<64>& report_data)>;

// Gives the collateral to verify a quote with. The quote is hostile: nothing of it has been
// verified. May be called from any thread that makes a connection, and is not held to the time that
// a connection has.
using CollateralSource = std::function<Result<PreparedCollateral>(const Quote& quote)>;

// A P-256 key and a self-signed certificate that says nothing: peers know each other by the key
// alone. Cheap to copy: the copies are one key. Safe to share between threads.
class ChannelKey {
 public:
  // A fresh key. Fails with crypto.
  static Result<ChannelKey> generate();

  // A private key in PEM, PKCS #8 or SEC 1, not encrypted. Fails with malformed,
  // unsupported (not P-256), or too_large.
  static Result<ChannelKey> parse(ByteView pem);

  // SHA-256 of the SubjectPublicKeyInfo in DER: what a peer pins.
  const ByteArray<32>& sha256() const;

  struct State;

 private:
  friend struct ChannelKeyAccess;
  explicit ChannelKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

// Which evidence a side accepts.
struct WantedEvidence {
  // With the trust roots, those of the policy too. Never null; must outlive the handshake.
  Verifier* verifier = nullptr;
  Policy policy;
  // Asked only about quotes that a platform under one of those roots has signed.
  CollateralSource collateral;
};

struct ChannelOptions {
  // Whom the peer may be. A client wants evidence, a key, or both; a server may want neither.
  std::optional<WantedEvidence> peer_evidence;
  std::optional<ByteArray<32>> peer_key_sha256;

  // Empty where this side has no evidence to give: it then refuses peers that want some.
  Attester attester;
  // Where there is none, a fresh one is made for the connection when it needs one.
  std::optional<ChannelKey> key;

  // For everything until data flows: TLS, the evidence of both sides, and their answers.
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(30);
};

// What was found out about the peer, as far as it got. At its refusing values until proven.
struct PeerAppraisal {
  // Whether everything that was wanted of the peer held.
  bool accepted = false;
  // Whether it is the peer that wants no channel: it has said so, or it wants what this side does
  // not give. Nothing of the peer was refused then.
  bool refuses_us = false;
  // Whether this side could not decide, or not do its part: it has no collateral for the peer's
  // evidence, no evidence of its own, or no more time. Nothing of the peer was refused then, and
  // the peer is not told so.
  bool undecided = false;
  // SHA-256 of its SubjectPublicKeyInfo: it has proven to have the key. None of a client that
  // showed none.
  std::optional<ByteArray<32>> key_sha256;
  // What it sent, where evidence was wanted; its quote need not be one.
  TdEvidence evidence;
  // With only the checks that did not pass, as a Verifier gives it.
  std::optional<Verdict> verdict;
  std::optional<Decision> decision;

  // The first check that did not pass; null where each that could be looked at did.
  const Check* reason() const;
};

// One end of a connection that is open for data. Not thread-safe, but of two connections two
// threads may use one each. Destroying it closes the socket, without a word to the peer.
//
//   auto channel = TRY(AttestedChannel::connect(socket, options, now));
//   TRY(channel.write(request, timeout));
//   const size_t count = TRY(channel.read(buffer, timeout));
class AttestedChannel {
 public:
  // Take `socket`, a connected stream socket, over in any case, and make a channel of it. `now` is
  // the time for verifying evidence. What is found out about the peer is also written to
  // `appraisal`, if that is not null, whatever comes of it.
  //
  // Fail with refused (the peer, or what it is or sent, does not fit; or the peer refuses us), with
  // timed_out, malformed, truncated, too_large, unsupported (what the peer sent), with io, and as
  // the attester and the collateral source do; with invalid_argument for options that make no
  // sense. The peer is told that it was refused, and nothing else.
  static Result<AttestedChannel> connect(int socket, const ChannelOptions& options, UtcTime now,
                                         PeerAppraisal* appraisal = nullptr);
  static Result<AttestedChannel> accept(int socket, const ChannelOptions& options, UtcTime now,
                                        PeerAppraisal* appraisal = nullptr);

  AttestedChannel(AttestedChannel&&) noexcept;
  AttestedChannel& operator=(AttestedChannel&&) noexcept;
  ~AttestedChannel();

  // The peer, accepted.
  const PeerAppraisal& peer() const;

  // Reads what there is, at least one byte; 0 where the peer has said that nothing more comes.
  // `out` must not be empty. Waits for at most `timeout`. Fails with timed_out, with truncated
  // where the connection was cut without such a word, and with io.
  Result<size_t> read(std::span<uint8_t> out, std::chrono::milliseconds timeout);

  // Writes everything. Fails with timed_out and io: nobody knows then how much the peer has, and
  // the channel has failed: whatever is called afterwards fails with io, and the peer never gets an
  // end that looks whole. Fails with invalid_argument, and does nothing, after finish(), and where
  // a write_some() that timed out would go on with other bytes.
  Result<void> write(ByteView bytes, std::chrono::milliseconds timeout);

  // Writes some of the bytes, at least one, and says how many. `bytes` must not be empty. After
  // timed_out the channel is still good, and the next call, of this or of write(), must begin with
  // the same bytes, wherever they lie by then: they may be on their way. With other bytes it fails
  // with invalid_argument, and nothing is written. Fails likewise otherwise.
  Result<size_t> write_some(ByteView bytes, std::chrono::milliseconds timeout);

  // Says that nothing more comes. Reading goes on, until the peer says so too. After timed_out it
  // can be called again. Fails likewise: with invalid_argument, saying nothing, where a
  // write_some() that timed out has not gone on.
  Result<void> finish(std::chrono::milliseconds timeout);

  // For poll(2). A read may also find data when has_unread() is true.
  int socket() const;
  bool has_unread() const;

 private:
  struct State;
  explicit AttestedChannel(std::unique_ptr<State> state);
  static Result<AttestedChannel> establish(int socket, ChannelRole role,
                                           const ChannelOptions& options, UtcTime now,
                                           PeerAppraisal* appraisal);

  std::unique_ptr<State> state_;
};

}  // namespace quoin

#endif  // QUOIN_CHANNEL_H_
