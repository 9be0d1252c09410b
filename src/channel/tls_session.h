// TLS over a socket, with deadlines, and what both sides know of their connection.

#ifndef QUOIN_SRC_CHANNEL_TLS_SESSION_H_
#define QUOIN_SRC_CHANNEL_TLS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"
#include "src/channel/binding.h"
#include "src/channel/deadline.h"
#include "src/channel/socket.h"

namespace quoin::channel {

struct TlsParameters {
  ChannelRole role = ChannelRole::client;
  // A server must have one; a client shows it when the server asks.
  std::optional<ChannelKey> key;
  // Of a server: no client without one.
  bool require_client_key = false;
};

// A TLS connection. After an error of the connection itself, and after a write_all() that failed,
// every call fails with io. Not thread-safe.
class TlsSession {
 public:
  // Fails with refused, timed_out, truncated, io, or crypto. Whether the peer refuses us then is
  // written to `refuses_us`, if that is not null.
  static Result<TlsSession> handshake(Socket socket, const TlsParameters& parameters,
                                      const Deadline& deadline, bool* refuses_us = nullptr);
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;
  ~TlsSession();

  // The key that each side has shown and proven to have; a client may have shown none.
  const std::optional<KeyDigest>& own_key() const;
  const std::optional<KeyDigest>& peer_key() const;

  // 32 bytes that the two ends of this connection have, and of no other. Fails with crypto.
  Result<ByteArray<32>> exporter() const;

  // The next bytes, at least one; 0 when the peer has said that no more come. `out` is not empty.
  // Fails with timed_out, with truncated (cut without a word), and io.
  Result<size_t> read_some(std::span<uint8_t> out, const Deadline& deadline);

  // Fills `out`. Fails likewise, and with truncated when the peer says earlier that no more come.
  Result<void> read_exact(std::span<uint8_t> out, const Deadline& deadline);

  // Writes at least one byte of `bytes`, which are not empty, and says how many. After timed_out
  // the write is unfinished, and goes on with the next call, which must begin with the same bytes:
  // their record may be on its way. Fails with timed_out, io, and, doing nothing, with
  // invalid_argument after finish() and where an unfinished write would go on with other bytes.
  Result<size_t> write_some(ByteView bytes, const Deadline& deadline);

  // Writes everything. Fails likewise; but after timed_out nothing can be written or read any more,
  // since nobody knows how much of it the peer has.
  Result<void> write_all(ByteView bytes, const Deadline& deadline);

  // Says that no more comes. After timed_out it can be called again. Fails likewise, and, doing
  // nothing, with invalid_argument where a write is unfinished.
  Result<void> finish(const Deadline& deadline);

  // Whether the connection has failed by an alert of the peer's.
  bool refuses_us() const;

  int fd() const;
  // Whether a record that has arrived holds bytes that were not read.
  bool has_unread() const;

 private:
  struct State;
  explicit TlsSession(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_TLS_SESSION_H_
