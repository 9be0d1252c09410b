#include "src/channel/tls_context.h"

#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>
#include <string>

namespace quoin::channel {
namespace {

// RFC 8446, appendix B.4. Not the suites with CCM, which nobody needs here.
constexpr const char* kSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr std::array<uint16_t, 3> kSuiteNumbers = {0x1301, 0x1302, 0x1303};
constexpr const char* kGroups = "X25519:P-256";
constexpr const char* kSignatures = "ECDSA+SHA256";
// Ours has about 300 bytes.
constexpr long kMaxCertificateBytes = 4096;

// RFC 7301, section 3.1: each name behind its size.
constexpr std::array<uint8_t, 1 + kProtocolName.size()> make_protocol_list() {
  std::array<uint8_t, 1 + kProtocolName.size()> list{kProtocolName.size()};
  std::ranges::transform(kProtocolName, list.begin() + 1,
                         [](char c) { return static_cast<uint8_t>(c); });
  return list;
}
constexpr auto kProtocolList = make_protocol_list();

// The server's choice: ours, or no connection.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  uint8_t* found = nullptr;
  const int result = SSL_select_next_proto(&found, chosen_size, kProtocolList.data(),
                                           kProtocolList.size(), offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// That the peer has the certificate's key is proven by its signature over the handshake (RFC 8446,
// section 4.4.3), which OpenSSL verifies besides. Who has that key is for evidence to say.
int accept_any_certificate(X509_STORE_CTX* chain, void*) {
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  return 1;
}

bool configure(SSL_CTX* context) {
  // What was received may be a key: OpenSSL is not to keep it once it was read.
  constexpr uint64_t kSet =
      SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT;
  constexpr uint64_t kCleared = SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT |
                                SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_PRIORITIZE_CHACHA;
  SSL_CTX_set_options(context, kSet);
  SSL_CTX_clear_options(context, kCleared);
  // Without AUTO_RETRY a read returns after each record, so that a peer that sends nothing but
  // tickets and key updates cannot hold us beyond a deadline.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, kMaxCertificateBytes);
  SSL_CTX_set_cert_verify_callback(context, accept_any_certificate, nullptr);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(context, kSuites) == 1 &&
         SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
         SSL_CTX_set1_sigalgs_list(context, kSignatures) == 1 &&
         SSL_CTX_set1_client_sigalgs_list(context, kSignatures) == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1 &&
         SSL_CTX_set_recv_max_early_data(context, 0) == 1 &&
         // Alone of these functions, this returns 0 for success.
         SSL_CTX_set_alpn_protos(context, kProtocolList.data(), kProtocolList.size()) == 0;
}

SSL_CTX* make_context(const SSL_METHOD* method) {
  OpenSslPointer<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(method));
  return context && configure(context.get()) ? context.release() : nullptr;
}

// Made once and never freed: making one takes as long as a handshake. Nothing changes them
// afterwards, and many threads may use them at once (openssl-threads(7)).
SSL_CTX* context_of(ChannelRole role) {
  static SSL_CTX* const client = make_context(TLS_client_method());
  static SSL_CTX* const server = make_context(TLS_server_method());
  return role == ChannelRole::client ? client : server;
}

Error not_negotiated(const std::string& what) {
  return {ErrorCode::refused, "attested TLS: the peer and we agreed on " + what};
}

}  // namespace

OpenSslPointer<SSL, SSL_free> make_tls(ChannelRole role) {
  SSL_CTX* const context = context_of(role);
  return OpenSslPointer<SSL, SSL_free>(context == nullptr ? nullptr : SSL_new(context));
}

Result<void> check_negotiated(const SSL& ssl) {
  if (SSL_version(&ssl) != TLS1_3_VERSION) {
    return not_negotiated(SSL_get_version(&ssl));
  }
  const SSL_CIPHER* const suite = SSL_get_current_cipher(&ssl);
  if (suite == nullptr ||
      std::ranges::find(kSuiteNumbers, SSL_CIPHER_get_protocol_id(suite)) == kSuiteNumbers.end()) {
    return not_negotiated("a cipher suite that is not of ours");
  }
  const unsigned char* protocol = nullptr;
  unsigned int protocol_size = 0;
  SSL_get0_alpn_selected(&ssl, &protocol, &protocol_size);
  if (!equal(ByteView(protocol, protocol_size), as_bytes(kProtocolName))) {
    return not_negotiated("a protocol other than " + std::string(kProtocolName));
  }
  if (SSL_session_reused(&ssl) != 0) return not_negotiated("an earlier session");
  if (SSL_get_early_data_status(&ssl) == SSL_EARLY_DATA_ACCEPTED) {
    return not_negotiated("early data");
  }
  return {};
}

}  // namespace quoin::channel
