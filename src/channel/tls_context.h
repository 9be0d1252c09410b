// The one way in which we speak TLS.

#ifndef QUOIN_SRC_CHANNEL_TLS_CONTEXT_H_
#define QUOIN_SRC_CHANNEL_TLS_CONTEXT_H_

#include <openssl/ssl.h>

#include <string_view>

#include "quoin/channel.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin::channel {

// What both sides must ask for by ALPN (RFC 7301): the version of what follows the handshake.
inline constexpr std::string_view kProtocolName = "quoin-attested-tls/1";
// RFC 8446, section 7.5.
inline constexpr std::string_view kExporterLabel = "EXPORTER-quoin-attested-tls/1";

// A connection that is not connected yet, with nobody's certificate: TLS 1.3 alone, cipher suites
// of AES-GCM and ChaCha20-Poly1305, X25519 or P-256, signatures by P-256, our ALPN; no tickets, no
// sessions, no early data. A client does not look at names, dates and issuers of the certificate
// that it is shown, which prove nothing; that the peer has the key is proven all the same. Null
// when OpenSSL cannot make it.
OpenSslPointer<SSL, SSL_free> make_tls(ChannelRole role);

// Whether what was negotiated is what we asked for, whatever a configuration of the system's has
// made of it. Fails with refused.
Result<void> check_negotiated(const SSL& ssl);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_TLS_CONTEXT_H_
