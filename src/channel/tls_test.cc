// Peers whose TLS is not ours: OpenSSL with other settings.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/channel/channel_key.h"
#include "src/channel/peers_testing.h"
#include "src/channel/socket_bio.h"
#include "src/channel/tls_context.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin::channel {
namespace {

using Configure = std::function<void(SSL_CTX*)>;

constexpr std::string_view kOurs = "\x14quoin-attested-tls/1";

void offer(SSL_CTX* context, std::string_view protocols) {
  ASSERT_EQ(SSL_CTX_set_alpn_protos(context, as_bytes(protocols).data(),
                                    static_cast<unsigned>(protocols.size())),
            0);
}

// Chooses what the server's configuration names, whether the client offered it or not.
int choose(SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned,
           void* name) {
  const auto* const chosen = static_cast<const std::string_view*>(name);
  *out = as_bytes(*chosen).data();
  *size = static_cast<unsigned char>(chosen->size());
  return SSL_TLSEXT_ERR_OK;
}

// A context of OpenSSL's defaults with a key of ours, ready to be made worse.
OpenSslPointer<SSL_CTX, SSL_CTX_free> foreign_context(const SSL_METHOD* method) {
  OpenSslPointer<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(method));
  const ChannelKey key = ChannelKey::generate().value();
  SSL_CTX_use_certificate(context.get(), ChannelKeyAccess::state(key).certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), ChannelKeyAccess::state(key).key.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

// A blocking connection of OpenSSL's over `socket`.
struct Foreign {
  Foreign(SSL_CTX* context, Socket& socket) : ssl(SSL_new(context)) {
    BIO* const bio = make_socket_bio(socket).release();
    SSL_set_bio(ssl.get(), bio, bio);
  }

  // Reads what our side says first, if it says anything.
  void listen() {
    Bytes hello(kHeaderBytes + kHelloBytes);
    static_cast<void>(SSL_read(ssl.get(), hello.data(), static_cast<int>(hello.size())));
  }

  OpenSslPointer<SSL, SSL_free> ssl;
};

// What our verifying client says of a server of that configuration.
std::string client_says(const Configure& configure) {
  const TestVerifier verifier;
  const ChannelOptions options = verifying(verifier);
  SocketPair pair;
  auto client = start_client(std::move(pair.first), options);
  const auto context = foreign_context(TLS_server_method());
  configure(context.get());
  Foreign server(context.get(), pair.second);
  if (SSL_accept(server.ssl.get()) == 1) server.listen();
  server.ssl.reset();
  pair.second = Socket();
  return error_of(client.get());
}

// What our server says of a client of that configuration.
std::string server_says(const Configure& configure) {
  const TestTd td;
  const ChannelOptions options = attesting(td);
  SocketPair pair;
  auto server = start_server(std::move(pair.second), options);
  const auto context = foreign_context(TLS_client_method());
  configure(context.get());
  Foreign client(context.get(), pair.first);
  // In TLS 1.3 a client is through before the server has said whether it accepts.
  if (SSL_connect(client.ssl.get()) == 1) client.listen();
  client.ssl.reset();
  pair.first = Socket();
  return error_of(server.get());
}

struct Case {
  const char* what;
  Configure configure;
  std::string says;
};

TEST(ForeignTls, ServersThatAreRefused) {
  static constexpr std::string_view kHttp = "http/1.1";
  static constexpr std::string_view kOurName = kProtocolName;
  static const auto ours = [](SSL_CTX* c) {
    SSL_CTX_set_alpn_select_cb(c, choose, const_cast<std::string_view*>(&kOurName));
  };
  const std::vector<Case> cases = {
      {"that says nothing after a good handshake", ours, "truncated: the connection was cut"},
      {"without ALPN", [](SSL_CTX*) {}, "a protocol other than quoin-attested-tls/1"},
      {"another protocol",
       [](SSL_CTX* c) {
         SSL_CTX_set_alpn_select_cb(c, choose, const_cast<std::string_view*>(&kHttp));
       },
       "refused: TLS: handshake"},
      {"TLS 1.2",
       [](SSL_CTX* c) {
         ours(c);
         SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION);
       },
       "refused: TLS: handshake"},
      {"another group",
       [](SSL_CTX* c) {
         ours(c);
         SSL_CTX_set1_groups_list(c, "P-384");
       },
       "refused: TLS: handshake"},
      {"a suite with CCM",
       [](SSL_CTX* c) {
         ours(c);
         SSL_CTX_set_ciphersuites(c, "TLS_AES_128_CCM_SHA256");
       },
       "refused: TLS: handshake"},
      {"a key of P-384",
       [](SSL_CTX* c) {
         ours(c);
         const OpenSslPointer<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-384"));
         const OpenSslPointer<X509, X509_free> certificate(X509_new());
         X509_set_pubkey(certificate.get(), key.get());
         X509_sign(certificate.get(), key.get(), EVP_sha384());
         SSL_CTX_use_certificate(c, certificate.get());
         SSL_CTX_use_PrivateKey(c, key.get());
       },
       "refused: TLS: handshake"},
  };
  for (const Case& c : cases) {
    const std::string said = client_says(c.configure);
    EXPECT_TRUE(said.contains(c.says)) << c.what << ": " << said;
  }
}

// What a peer says of us is no word on what the peer is.
TEST(ForeignTls, AnAlertIsAPeerThatRefusesUs) {
  static constexpr std::string_view kOurName = kProtocolName;
  static const auto ours = [](SSL_CTX* c) {
    SSL_CTX_set_alpn_select_cb(c, choose, const_cast<std::string_view*>(&kOurName));
  };
  struct {
    const char* what;
    Configure configure;
    bool refuses_us;
  } const cases[] = {
      {"in the handshake", [](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION); },
       true},
      {"after it",
       [](SSL_CTX* c) {
         ours(c);
         SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
         SSL_CTX_set_cert_verify_callback(c, [](X509_STORE_CTX*, void*) { return 0; }, nullptr);
       },
       true},
      {"never: we refuse a peer without ALPN", [](SSL_CTX*) {}, false},
  };
  const TestTd td;
  const TestVerifier verifier;
  ChannelOptions options = attesting(td);
  options.peer_evidence = verifier.wanted();
  for (const auto& test : cases) {
    SocketPair pair;
    PeerAppraisal appraisal;
    auto client = start_client(std::move(pair.first), options, &appraisal);
    const auto context = foreign_context(TLS_server_method());
    test.configure(context.get());
    const Foreign server(context.get(), pair.second);
    static_cast<void>(SSL_accept(server.ssl.get()));
    const Result<AttestedChannel> refused = client.get();
    ASSERT_FALSE(refused.ok()) << test.what;
    EXPECT_EQ(refused.error().code, ErrorCode::refused) << test.what << ": " << error_of(refused);
    EXPECT_EQ(appraisal.refuses_us, test.refuses_us) << test.what << ": " << error_of(refused);
  }
}

TEST(ForeignTls, ClientsThatAreRefused) {
  const std::vector<Case> cases = {
      {"that says nothing after a good handshake", [](SSL_CTX* c) { offer(c, kOurs); },
       "truncated"},
      {"without ALPN", [](SSL_CTX*) {}, "a protocol other than quoin-attested-tls/1"},
      {"other protocols", [](SSL_CTX* c) { offer(c, "\x02h2\x08http/1.1"); },
       "refused: TLS: handshake"},
      {"a later version of ours", [](SSL_CTX* c) { offer(c, "\x14quoin-attested-tls/2"); },
       "refused: TLS: handshake"},
      {"TLS 1.2",
       [](SSL_CTX* c) {
         offer(c, kOurs);
         SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION);
       },
       "refused: TLS: handshake"},
      {"another group",
       [](SSL_CTX* c) {
         offer(c, kOurs);
         SSL_CTX_set1_groups_list(c, "P-521");
       },
       "refused: TLS: handshake"},
      {"a suite with CCM",
       [](SSL_CTX* c) {
         offer(c, kOurs);
         SSL_CTX_set_ciphersuites(c, "TLS_AES_128_CCM_8_SHA256:TLS_AES_128_CCM_SHA256");
       },
       "refused: TLS: handshake"},
  };
  for (const Case& c : cases) {
    const std::string said = server_says(c.configure);
    EXPECT_TRUE(said.contains(c.says)) << c.what << ": " << said;
  }
}

// A client that comes with a session of its own making, to be spared the server's key.
TEST(ForeignTls, NoSessionIsResumed) {
  const TestTd td;
  const ChannelOptions options = attesting(td);
  SocketPair pair;
  auto server = start_server(std::move(pair.second), options);
  const auto context = foreign_context(TLS_client_method());
  offer(context.get(), kOurs);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  int tickets = 0;
  SSL_CTX_set_app_data(context.get(), &tickets);
  SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION*) {
    ++*static_cast<int*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    return 0;
  });
  SSL_CTX_set_psk_use_session_callback(
      context.get(),
      [](SSL* ssl, const EVP_MD*, const unsigned char** id, size_t* size, SSL_SESSION** session) {
        static constexpr ByteArray<32> kSecret{1, 2, 3};
        static constexpr ByteArray<7> kName{'e', 'a', 'r', 'l', 'i', 'e', 'r'};
        *session = SSL_SESSION_new();
        SSL_SESSION_set1_master_key(*session, kSecret.data(), kSecret.size());
        const ByteArray<2> suite{0x13, 0x01};
        SSL_SESSION_set_cipher(*session, SSL_CIPHER_find(ssl, suite.data()));
        SSL_SESSION_set_protocol_version(*session, TLS1_3_VERSION);
        *id = kName.data();
        *size = kName.size();
        return 1;
      });
  Foreign client(context.get(), pair.first);
  ASSERT_EQ(SSL_connect(client.ssl.get()), 1);
  EXPECT_EQ(SSL_session_reused(client.ssl.get()), 0);
  EXPECT_NE(SSL_get0_peer_certificate(client.ssl.get()), nullptr) << "the key is proven anew";
  // The server's HELLO comes behind any ticket.
  ByteArray<kHeaderBytes + kHelloBytes> hello{};
  EXPECT_EQ(SSL_read(client.ssl.get(), hello.data(), hello.size()), static_cast<int>(hello.size()));
  EXPECT_EQ(tickets, 0);
  EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get0_session(client.ssl.get())), 0);
  client.ssl.reset();
  pair.first = Socket();
  EXPECT_FALSE(server.get().ok());
}

// Two of OpenSSL's own ends in one thread, handshake done: what check_negotiated() is about.
struct Negotiated {
  Negotiated(SSL_CTX* client_context, SSL_CTX* server_context)
      : client(SSL_new(client_context)), server(SSL_new(server_context)) {
    BIO* one = nullptr;
    BIO* other = nullptr;
    BIO_new_bio_pair(&one, 1 << 16, &other, 1 << 16);
    SSL_set_bio(client.get(), one, one);
    SSL_set_bio(server.get(), other, other);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
  }
  bool shake_hands() {
    for (int i = 0; i < 10; ++i) {
      const int connected = SSL_do_handshake(client.get());
      if (SSL_do_handshake(server.get()) == 1 && connected == 1) return true;
    }
    return false;
  }
  OpenSslPointer<SSL, SSL_free> client;
  OpenSslPointer<SSL, SSL_free> server;
};

// Ours cannot come to this: should a setting be lost, this check still stands.
TEST(ForeignTls, WhatWasNegotiatedIsLookedAtAgain) {
  static constexpr std::string_view kOurName = kProtocolName;
  const auto server = foreign_context(TLS_server_method());
  SSL_CTX_set_alpn_select_cb(server.get(), choose, const_cast<std::string_view*>(&kOurName));
  const auto client = foreign_context(TLS_client_method());
  offer(client.get(), kOurs);
  SSL_CTX_set_session_cache_mode(client.get(), SSL_SESS_CACHE_CLIENT);

  Negotiated first(client.get(), server.get());
  ASSERT_TRUE(first.shake_hands());
  EXPECT_TRUE(check_negotiated(*first.client).ok());
  EXPECT_TRUE(check_negotiated(*first.server).ok());

  // A ticket comes with the first read.
  ByteArray<1> byte{};
  static_cast<void>(SSL_read(first.client.get(), byte.data(), 1));
  Negotiated second(client.get(), server.get());
  SSL_set_session(second.client.get(), SSL_get0_session(first.client.get()));
  ASSERT_TRUE(second.shake_hands());
  EXPECT_TRUE(error_of(check_negotiated(*second.client)).contains("an earlier session"));
  EXPECT_TRUE(error_of(check_negotiated(*second.server)).contains("an earlier session"));

  SSL_CTX_set_ciphersuites(client.get(), "TLS_AES_128_CCM_SHA256");
  SSL_CTX_set_ciphersuites(server.get(), "TLS_AES_128_CCM_SHA256");
  Negotiated other_suite(client.get(), server.get());
  ASSERT_TRUE(other_suite.shake_hands());
  EXPECT_TRUE(error_of(check_negotiated(*other_suite.client)).contains("a cipher suite"));

  SSL_CTX_set_max_proto_version(client.get(), TLS1_2_VERSION);
  Negotiated older(client.get(), server.get());
  ASSERT_TRUE(older.shake_hands());
  EXPECT_TRUE(error_of(check_negotiated(*older.client)).contains("TLSv1.2"));

  // Nothing negotiated at all.
  Negotiated none(client.get(), server.get());
  EXPECT_FALSE(check_negotiated(*none.client).ok());
}

}  // namespace
}  // namespace quoin::channel
