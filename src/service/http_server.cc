#include "src/service/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <thread>

#include "src/base/try.h"

namespace quoin::service {
namespace {

constexpr unsigned kBacklog = 32;
// What a reply that is cut off promises besides.
constexpr uint64_t kMissingBytes = 4096;

// A socket address as its bytes: its family decides which of them count.
struct SocketAddress {
  sockaddr_storage storage{};
  bool is_v6 = false;
  std::string host;  // as in a URL
};

Error bad_listen(std::string_view listen) {
  return {ErrorCode::invalid_argument, "cannot listen on " + std::string(listen),
          "wanted 127.0.0.1:PORT or [::1]:PORT, numbers only; port 0 is any that is free"};
}

template <typename Address>
sockaddr_storage as_storage(const Address& address) {
  sockaddr_storage storage{};
  static_assert(sizeof(address) <= sizeof(storage));
  std::memcpy(&storage, &address, sizeof(address));
  return storage;
}

Result<SocketAddress> parse_listen(std::string_view listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string_view::npos) return bad_listen(listen);
  const std::string_view digits = listen.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), port);
  if (digits.empty() || error != std::errc() || end != digits.end()) return bad_listen(listen);

  SocketAddress address;
  address.host = std::string(listen.substr(0, colon));
  const std::string_view host = address.host;
  if (host.starts_with('[') && host.ends_with(']')) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    const std::string inner(host.substr(1, host.size() - 2));
    if (inet_pton(AF_INET6, inner.c_str(), &v6.sin6_addr) != 1) return bad_listen(listen);
    address.storage = as_storage(v6);
    address.is_v6 = true;
    return address;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) != 1) return bad_listen(listen);
  address.storage = as_storage(v4);
  return address;
}

// A body that ends before it should.
struct CutOff {
  Bytes body;
};

ssize_t read_cut_off(void* state, uint64_t position, char* out, size_t size) {
  const Bytes& body = static_cast<const CutOff*>(state)->body;
  if (position >= body.size()) return MHD_CONTENT_READER_END_WITH_ERROR;
  const size_t count = std::min(size, body.size() - static_cast<size_t>(position));
  std::memcpy(out, body.data() + position, count);
  return static_cast<ssize_t>(count);
}

void free_cut_off(void* state) { delete static_cast<CutOff*>(state); }

MHD_Response* make_response(const HttpReply& reply) {
  if (reply.cut_off) {
    auto state = std::make_unique<CutOff>(CutOff{reply.body});
    MHD_Response* response = MHD_create_response_from_callback(
        reply.body.size() + kMissingBytes, 4096, read_cut_off, state.get(), free_cut_off);
    if (response == nullptr) return nullptr;
    // free_cut_off() has it with the response.
    [[maybe_unused]] const CutOff* given = state.release();
    return response;
  }
  Bytes body = reply.body;
  return MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
}

MHD_Result send_reply(MHD_Connection* connection, const HttpReply& reply) {
  if (reply.delay.count() > 0) std::this_thread::sleep_for(reply.delay);
  MHD_Response* response = make_response(reply);
  if (response == nullptr) return MHD_NO;
  for (const auto& [name, value] : reply.headers) {
    if (MHD_add_response_header(response, name.c_str(), value.c_str()) != MHD_YES) {
      MHD_destroy_response(response);
      return MHD_NO;
    }
  }
  const MHD_Result queued = MHD_queue_response(connection, reply.status, response);
  MHD_destroy_response(response);
  return queued;
}

HttpReply bare_status(unsigned status) { return {.status = status, .headers = {}, .body = {}}; }

// What is kept of a request while it is being answered.
struct Request {
  std::string target;
  bool announced = false;
};

// The first thing that happens to a request: its target is kept as it stands in the request line.
void* begin_request(void*, const char* target, MHD_Connection*) {
  return std::make_unique<Request>(Request{.target = target}).release();
}

void end_request(void*, MHD_Connection*, void** request, MHD_RequestTerminationCode) {
  const std::unique_ptr<Request> owner(static_cast<Request*>(*request));
  *request = nullptr;
}

// Is called when the headers are there, for each piece of a body, and when all is there.
MHD_Result answer(void* handler, MHD_Connection* connection, const char*, const char* method,
                  const char*, const char*, size_t* upload_size, void** state) {
  Request& request = *static_cast<Request*>(*state);
  if (*upload_size != 0) return MHD_NO;
  if (std::string_view(method) != MHD_HTTP_METHOD_GET) {
    return send_reply(connection, bare_status(MHD_HTTP_METHOD_NOT_ALLOWED));
  }
  // An answer now would end the connection.
  if (!std::exchange(request.announced, true)) return MHD_YES;
  return send_reply(connection, (*static_cast<const HttpHandler*>(handler))(request.target));
}

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
};

}  // namespace

struct HttpServer::State {
  HttpHandler handler;
  std::string url;
  // Goes first: it uses the handler.
  std::unique_ptr<MHD_Daemon, StopDaemon> daemon;
};

Result<HttpServer> HttpServer::start(std::string_view listen, HttpHandler handler,
                                     const HttpServerLimits& limits) {
  SocketAddress address = TRY(parse_listen(listen));
  auto state = std::make_unique<State>();
  state->handler = std::move(handler);
  unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
  if (address.is_v6) flags |= MHD_USE_IPv6;
  const void* storage = &address.storage;
  const auto* socket_address = static_cast<const sockaddr*>(storage);
  state->daemon.reset(MHD_start_daemon(
      flags, 0, nullptr, nullptr, &answer, &state->handler,                               //
      MHD_OPTION_SOCK_ADDR, socket_address,                                               //
      MHD_OPTION_URI_LOG_CALLBACK, &begin_request, nullptr,                               //
      MHD_OPTION_NOTIFY_COMPLETED, &end_request, nullptr,                                 //
      MHD_OPTION_CONNECTION_LIMIT, limits.connections,                                    //
      MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(limits.idle_timeout.count()),  //
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.connection_memory,                       //
      MHD_OPTION_LISTEN_BACKLOG_SIZE, kBacklog,                                           //
      MHD_OPTION_END));
  if (state->daemon == nullptr) {
    return Error{ErrorCode::io, "cannot listen on " + std::string(listen),
                 "is the port taken? Port 0 is any that is free"};
  }
  const MHD_DaemonInfo* info = MHD_get_daemon_info(state->daemon.get(), MHD_DAEMON_INFO_BIND_PORT);
  if (info == nullptr) return Error{ErrorCode::internal, "libmicrohttpd does not say its port"};
  state->url = "http://" + address.host + ":" + std::to_string(info->port);
  return HttpServer(std::move(state));
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

const std::string& HttpServer::url() const { return state_->url; }

}  // namespace quoin::service
