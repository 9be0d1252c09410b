// A client for HTTPS. Only this room knows libcurl.

#ifndef QUOIN_SRC_NET_HTTP_CLIENT_H_
#define QUOIN_SRC_NET_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "src/net/http.h"
#include "src/net/retry.h"

namespace quoin::net {

struct HttpOptions {
  // Of one attempt.
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds total_timeout{30'000};
  size_t max_body_bytes = size_t{8} << 20;
  size_t max_header_bytes = size_t{64} << 10;
  Retries retries = {};
  // Plain http, to addresses of this machine alone.
  bool allow_http_to_loopback = false;
  // A file of CAs in PEM instead of the system's.
  std::string ca_file = {};
  // Talk to whoever answers. For what is signed itself, as collateral is: then this costs privacy
  // and availability, and nothing else.
  bool insecure_any_certificate = false;
  std::string user_agent = "quoin";
};

// What is sent to a server.
struct HttpContent {
  std::string type;  // "application/octet-stream"
  ByteView bytes;
};

// GETs and POSTs, one after the other, over connections that it keeps. TLS 1.2 or later, the
// server's certificate checked. libcurl takes nothing from the environment: no proxy, no .netrc, no
// cookies, no configuration file; a file that SSLKEYLOGFILE names may be made, and stays empty.
// What OpenSSL and the system's resolver read there (OPENSSL_CONF, RES_OPTIONS) counts as it does
// for every program. Bodies are not decompressed. Redirects are refused: an address that is
// configured is the one that is meant. Movable; not thread-safe.
class HttpClient final : public HttpGetter {
 public:
  HttpClient(HttpOptions options, Waiting waiting);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient() override;

  // Whether that is an address that is asked: nothing is sent. Fails with invalid_argument, as
  // get() does, and unsupported.
  Result<void> check(const std::string& url);

  // Asks again, after a while, when the server is busy (429, 500, 502, 503, 504), too slow, or cuts
  // its answer off. What is returned may have any status but a redirect's: of a server that stays
  // busy it is the last answer. Every error names the host. Fails with invalid_argument (an address
  // that is none, holds a password, or is not https), timed_out, too_large, truncated, refused (the
  // server's certificate, a redirect), unsupported (a libcurl whose TLS is not OpenSSL's), io
  // (everything else that the network does).
  Result<HttpResponse> get(const std::string& url) override;

  // Sends the bytes, once: whether a server has taken what it did not answer nobody knows. Fails
  // likewise.
  Result<HttpResponse> post(const std::string& url, const HttpContent& content);

 private:
  struct Handle;

  Result<void> start();

  HttpOptions options_;
  Waiting waiting_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace quoin::net

#endif  // QUOIN_SRC_NET_HTTP_CLIENT_H_
