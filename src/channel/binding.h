// What ties evidence to one TLS connection, one side of it, and one verifier's question.

#ifndef QUOIN_SRC_CHANNEL_BINDING_H_
#define QUOIN_SRC_CHANNEL_BINDING_H_

#include <optional>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/channel.h"

namespace quoin::channel {

// The type under which report data speaks of a TLS connection (src/receipt/report_data.h).
inline constexpr std::string_view kTlsBindingType = "urn:quoin:tls-binding:v1";

// Of HELLO, of the binding, and in the ALPN's name and the exporter's label.
inline constexpr uint8_t kProtocolVersion = 1;

// A key's SubjectPublicKeyInfo, by its SHA-256.
using KeyDigest = ByteArray<32>;

struct TlsBinding {
  // The side whose evidence it is, and the key that it has shown in the handshake.
  ChannelRole attester_role = ChannelRole::client;
  KeyDigest attester_key{};
  // The key that the other side has shown. TLS 1.3's exporter does not cover a client's
  // certificate, so this does.
  std::optional<KeyDigest> verifier_key;
  // RFC 8446, section 7.5. No key is made of it, and it need not be kept secret.
  ByteArray<32> exporter{};
  // What the verifier drew for this connection.
  ByteArray<32> nonce{};
};

// The body that is hashed: kProtocolVersion, the role (1 client, 2 server), then attester_key,
// verifier_key, exporter and nonce, each behind its size in one byte; a key that is not there has
// size 0.
Bytes tls_binding_body(const TlsBinding& binding);

// The report data that evidence must carry: report_data_for(kTlsBindingType, body).
ByteArray<64> tls_binding(const TlsBinding& binding);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_BINDING_H_
