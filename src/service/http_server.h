// A small HTTP server for this machine: GETs, answered by a function. Only this file knows
// libmicrohttpd. No TLS: what is signed itself needs none, and everything else belongs elsewhere.

#ifndef QUOIN_SRC_SERVICE_HTTP_SERVER_H_
#define QUOIN_SRC_SERVICE_HTTP_SERVER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::service {

struct HttpReply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  Bytes body = {};
  // For tests of clients: wait before answering; promise more than the body, and hang up.
  std::chrono::milliseconds delay{0};
  bool cut_off = false;
};

// Answers a GET of `target`, the path with its query as it stands in the request. Is called by
// several threads at once.
using HttpHandler = std::function<HttpReply(std::string_view target)>;

struct HttpServerLimits {
  unsigned connections = 32;  // a thread each; more wait or are turned away
  std::chrono::seconds idle_timeout{10};
  size_t connection_memory = size_t{256} << 10;  // a request's headers, a reply's headers
};

// Serves from its making to its end. Other methods than GET are answered with 405; a request's body
// is not read. Movable.
class HttpServer {
 public:
  // `listen` is "ADDRESS:PORT" or "[ADDRESS]:PORT" in numbers; port 0 is any that is free. Fails
  // with invalid_argument, or io where the port cannot be had.
  static Result<HttpServer> start(std::string_view listen, HttpHandler handler,
                                  const HttpServerLimits& limits = {});

  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;
  // Waits for requests that are being answered.
  ~HttpServer();

  // "http://127.0.0.1:8081".
  const std::string& url() const;

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace quoin::service

#endif  // QUOIN_SRC_SERVICE_HTTP_SERVER_H_
