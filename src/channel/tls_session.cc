#include "src/channel/tls_session.h"

#include <openssl/sslerr.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/channel/channel_key.h"
#include "src/channel/socket_bio.h"
#include "src/channel/tls_context.h"
#include "src/channel/tls_error.h"
#include "src/crypto/openssl_error.h"
#include "src/crypto/openssl_pointer.h"
#include "src/crypto/sha2.h"

namespace quoin::channel {
namespace {

// What fits into one record (RFC 8446, section 5.1).
constexpr size_t kMaxRecordBytes = size_t{1} << 14;

// AES-GCM is good for 2^24.5 records under one key (RFC 8446, section 5.5).
constexpr uint64_t kMaxRecordsOfOneKey = uint64_t{1} << 24;

Error session_failed() { return {ErrorCode::io, "the connection has failed"}; }

// Bytes whose record has not gone out whole. OpenSSL keeps the record, takes whatever is written
// next for the same bytes, if only there are as many of them, and counts them as written
// (SSL_CTX_set_mode(3), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER).
struct UnfinishedWrite {
  size_t size = 0;
  ByteArray<32> sha256{};

  bool is_start_of(ByteView bytes) const {
    return bytes.size() >= size && quoin::sha256(bytes.first(size)) == sha256;
  }
};

}  // namespace

struct TlsSession::State {
  Socket socket;
  OpenSslPointer<SSL, SSL_free> ssl;  // behind the socket that it uses, so that it ends first
  ChannelRole role = ChannelRole::client;
  bool was_asked_for_key = false;
  bool failed = false;
  bool refuses_us = false;
  uint64_t records_of_this_key = 0;
  std::optional<UnfinishedWrite> unfinished_write;
  std::optional<KeyDigest> own_key;
  std::optional<KeyDigest> peer_key;

  Result<void> set_up(const TlsParameters& parameters);
  Result<void> shake_hands(const Deadline& deadline);
  Result<void> learn_keys(const TlsParameters& parameters);
  Result<void> open(const TlsParameters& parameters, const Deadline& deadline);

  // Calls `step` until it does not want to wait any more; returns what it returned, which is
  // positive, or 0 when the peer said that no more comes.
  template <typename Step>
  Result<int> drive(const char* doing, const Deadline& deadline, Step step);
};

template <typename Step>
Result<int> TlsSession::State::drive(const char* doing, const Deadline& deadline, Step step) {
  if (failed) return session_failed();
  for (;;) {
    // SSL_get_error(3) looks at both, whoever left something there.
    ERR_clear_error();
    errno = 0;
    const int result = step(ssl.get());
    if (result > 0) return result;
    const TlsFailure failure = {.kind = SSL_get_error(ssl.get(), result),
                                .earliest = ERR_peek_error(),
                                .error_number = errno};
    switch (failure.kind) {
      case SSL_ERROR_WANT_READ:
        TRY(socket.wait_readable(deadline));
        break;
      case SSL_ERROR_WANT_WRITE:
        TRY(socket.wait_writable(deadline));
        break;
      case SSL_ERROR_ZERO_RETURN:
        return 0;
      default:
        failed = true;
        refuses_us = is_alert_of_peer(failure);
        ERR_clear_error();
        return tls_error(failure, doing);
    }
  }
}

Result<void> TlsSession::State::set_up(const TlsParameters& parameters) {
  const ErrorMark mark;
  TRY(socket.make_nonblocking());
  role = parameters.role;
  ssl = make_tls(role);
  OpenSslPointer<BIO, BIO_free_all> bio = make_socket_bio(socket);
  if (!ssl || !bio) return crypto_failed("cannot make a TLS connection");
  BIO* const used = bio.release();
  SSL_set_bio(ssl.get(), used, used);
  if (parameters.key) {
    const ChannelKey::State& key = ChannelKeyAccess::state(*parameters.key);
    if (SSL_use_certificate(ssl.get(), key.certificate.get()) != 1 ||
        SSL_use_PrivateKey(ssl.get(), key.key.get()) != 1) {
      return crypto_failed("cannot use a key");
    }
  }
  if (role == ChannelRole::server) {
    constexpr int kRequired = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_set_verify(ssl.get(), parameters.require_client_key ? kRequired : SSL_VERIFY_NONE, nullptr);
    SSL_set_accept_state(ssl.get());
    return {};
  }
  SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  SSL_set_connect_state(ssl.get());
  // Called when the server asks for a certificate, and only then.
  SSL_set_cert_cb(
      ssl.get(),
      [](SSL*, void* state) {
        static_cast<State*>(state)->was_asked_for_key = true;
        return 1;
      },
      this);
  return {};
}

Result<void> TlsSession::State::shake_hands(const Deadline& deadline) {
  const int result =
      TRY(drive("handshake", deadline, [](SSL* tls) { return SSL_do_handshake(tls); }));
  if (result != 1) return Error{ErrorCode::truncated, "the peer closed during the handshake"};
  return check_negotiated(*ssl);
}

Result<void> TlsSession::State::learn_keys(const TlsParameters& parameters) {
  // A server asks only where it must have a key. It refuses us now, and what it says of that may be
  // lost: it hangs up while we speak.
  if (was_asked_for_key && !parameters.key) {
    refuses_us = true;
    return Error{ErrorCode::refused,
                 "attested TLS: the peer wants a key, and this side shows none"};
  }
  if (parameters.key && (role == ChannelRole::server || was_asked_for_key)) {
    own_key = parameters.key->sha256();
  }
  const X509* const certificate = SSL_get0_peer_certificate(ssl.get());
  if (certificate != nullptr) {
    peer_key = TRY(key_digest(*certificate));
  } else if (role == ChannelRole::client || parameters.require_client_key) {
    return Error{ErrorCode::refused, "attested TLS: the peer showed no key"};
  }
  return {};
}

Result<void> TlsSession::State::open(const TlsParameters& parameters, const Deadline& deadline) {
  TRY(set_up(parameters));
  TRY(shake_hands(deadline));
  return learn_keys(parameters);
}

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

Result<TlsSession> TlsSession::handshake(Socket socket, const TlsParameters& parameters,
                                         const Deadline& deadline, bool* refuses_us) {
  auto state = std::make_unique<State>();
  state->socket = std::move(socket);
  Result<void> opened = state->open(parameters, deadline);
  if (opened.ok()) return TlsSession(std::move(state));
  if (refuses_us != nullptr) *refuses_us = state->refuses_us;
  return std::move(opened).error();
}

const std::optional<KeyDigest>& TlsSession::own_key() const { return state_->own_key; }
const std::optional<KeyDigest>& TlsSession::peer_key() const { return state_->peer_key; }
bool TlsSession::refuses_us() const { return state_->refuses_us; }
int TlsSession::fd() const { return state_->socket.fd(); }
bool TlsSession::has_unread() const { return SSL_pending(state_->ssl.get()) > 0; }

Result<ByteArray<32>> TlsSession::exporter() const {
  const ErrorMark mark;
  ByteArray<32> exported{};
  if (SSL_export_keying_material(state_->ssl.get(), exported.data(), exported.size(),
                                 kExporterLabel.data(), kExporterLabel.size(), nullptr, 0,
                                 0) != 1) {
    return crypto_failed("cannot export keying material");
  }
  return exported;
}

Result<size_t> TlsSession::read_some(std::span<uint8_t> out, const Deadline& deadline) {
  size_t count = 0;
  const int result = TRY(state_->drive("read", deadline, [&](SSL* tls) {
    return SSL_read_ex(tls, out.data(), out.size(), &count);
  }));
  return result == 0 ? 0 : count;
}

Result<void> TlsSession::read_exact(std::span<uint8_t> out, const Deadline& deadline) {
  while (!out.empty()) {
    const size_t count = TRY(read_some(out, deadline));
    if (count == 0) return Error{ErrorCode::truncated, "the peer ended in the middle of a message"};
    out = out.subspan(count);
  }
  return {};
}

Result<size_t> TlsSession::write_some(ByteView bytes, const Deadline& deadline) {
  if (state_->failed) return session_failed();
  // OpenSSL calls this a failure of the whole connection; reading may go on.
  if ((SSL_get_shutdown(state_->ssl.get()) & SSL_SENT_SHUTDOWN) != 0) {
    return Error{ErrorCode::invalid_argument, "writing after the end"};
  }
  if (state_->unfinished_write && !state_->unfinished_write->is_start_of(bytes)) {
    return Error{ErrorCode::invalid_argument, "an unfinished write goes on with other bytes"};
  }
  if (state_->records_of_this_key >= kMaxRecordsOfOneKey) {
    const ErrorMark mark;
    state_->records_of_this_key = 0;
    // Goes out with the next record. The peer's direction is the peer's to renew.
    if (SSL_key_update(state_->ssl.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1) {
      return crypto_failed("cannot change keys");
    }
  }
  // A record that is waiting has the bytes that it was made of, however many there are by now.
  const size_t size = state_->unfinished_write ? state_->unfinished_write->size
                                               : std::min(bytes.size(), kMaxRecordBytes);
  size_t count = 0;
  const Result<int> result = state_->drive(
      "write", deadline, [&](SSL* tls) { return SSL_write_ex(tls, bytes.data(), size, &count); });
  if (!result.ok()) {
    state_->unfinished_write = {.size = size, .sha256 = sha256(bytes.first(size))};
    return result.error();
  }
  if (*result == 0) {
    state_->failed = true;
    return Error{ErrorCode::io, "the connection is closed"};
  }
  state_->unfinished_write.reset();
  ++state_->records_of_this_key;
  return count;
}

Result<void> TlsSession::write_all(ByteView bytes, const Deadline& deadline) {
  if (state_->failed) return session_failed();
  while (!bytes.empty()) {
    Result<size_t> count = write_some(bytes, deadline);
    if (!count.ok()) {
      // The caller does not know how much has gone out, so that nothing can rightly follow it.
      if (count.error().code != ErrorCode::invalid_argument) state_->failed = true;
      return std::move(count).error();
    }
    bytes = bytes.subspan(*count);
  }
  return {};
}

Result<void> TlsSession::finish(const Deadline& deadline) {
  if (state_->failed) return session_failed();
  if (state_->unfinished_write) {
    return Error{ErrorCode::invalid_argument, "the end, in the middle of a write"};
  }
  // 0 and 1 both say that the word is out; 1 that the peer's has come.
  TRY(state_->drive("close", deadline, [](SSL* tls) {
    const int result = SSL_shutdown(tls);
    return result == 0 ? 1 : result;
  }));
  return {};
}

}  // namespace quoin::channel
