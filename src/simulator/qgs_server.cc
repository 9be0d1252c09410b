#include "src/simulator/qgs_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/simulator/distort.h"
#include "src/td/qgs_message.h"

namespace quoin::simulator {
namespace {

using std::chrono::steady_clock;

constexpr int kBacklog = 64;
// As many as Intel's service has by default.
constexpr size_t kThreads = 4;
constexpr std::chrono::seconds kTimeout{30};
// Of one poll(2), which takes milliseconds in an int.
constexpr steady_clock::duration kLongestWait = std::chrono::hours(1);

// qgs_msg_error_t.
constexpr uint32_t kUnexpected = 0x12001;
constexpr uint32_t kInvalidParameter = 0x12003;
constexpr uint32_t kInvalidType = 0x12005;

Error server_error(std::string_view what) {
  return {ErrorCode::io,
          "QGS: " + std::string(what) + ": " + std::generic_category().message(errno)};
}

// The answer to a request that is not for a quote: of the type that answers it, and nothing more.
Bytes refusal(td::QgsType response) {
  Writer out;
  out.u16le(td::kQgsMajorVersion).u16le(td::kQgsMinorVersion);
  out.u32le(static_cast<uint32_t>(response)).u32le(td::kQgsHeaderBytes).u32le(kInvalidType);
  return out.take();
}

Bytes error_response(uint32_t code) {
  return td::write_message(td::QgsQuoteResponse{.error_code = code});
}

// Waits until the socket can be read or written (`events`). False when the time is over, or when
// it is time to stop.
bool wait_for(int socket, short events, int stop, steady_clock::time_point deadline) {
  while (true) {
    const steady_clock::duration left = deadline - steady_clock::now();
    if (left.count() <= 0) return false;
    const auto time = std::chrono::ceil<std::chrono::milliseconds>(std::min(left, kLongestWait));
    std::array<pollfd, 2> waiting = {pollfd{socket, events, 0}, pollfd{stop, POLLIN, 0}};
    const int count = poll(waiting.data(), waiting.size(), static_cast<int>(time.count()));
    if (count < 0 && errno != EINTR) return false;
    if (waiting[1].revents != 0) return false;
    if (count > 0 && waiting[0].revents != 0) return true;
  }
}

bool receive(int socket, std::span<uint8_t> out, int stop) {
  const auto deadline = steady_clock::now() + kTimeout;
  while (!out.empty()) {
    if (!wait_for(socket, POLLIN, stop, deadline)) return false;
    const ssize_t count = recv(socket, out.data(), out.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return false;
    out = out.subspan(static_cast<size_t>(count));
  }
  return true;
}

bool transmit(int socket, ByteView bytes, int stop) {
  const auto deadline = steady_clock::now() + kTimeout;
  while (!bytes.empty()) {
    if (!wait_for(socket, POLLOUT, stop, deadline)) return false;
    const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

// One request and its answer. False when the connection is to be closed.
bool serve_one(int socket, td::Td& td, Faults& faults, int stop) {
  ByteArray<td::kQgsLengthBytes> prefix{};
  if (!receive(socket, prefix, stop)) return false;
  const Result<size_t> length = td::parse_length(prefix);
  if (!length.ok()) return false;
  Bytes message(*length);
  if (!receive(socket, message, stop)) return false;
  if (faults.take(Fault::qgs_closes)) return false;
  if (faults.take(Fault::qgs_garbage)) {
    transmit(socket, Bytes(64, 0xa5), stop);
    return false;
  }
  if (const auto delay = faults.delay(); delay.count() > 0) {
    // Nothing to read from: only stopping ends the wait.
    wait_for(-1, 0, stop, steady_clock::now() + delay);
  }
  return transmit(socket, td::with_length(answer_qgs(td, faults, message)), stop);
}

void serve_connections(int listening, td::Td& td, Faults& faults, int stop) {
  while (wait_for(listening, POLLIN, stop, steady_clock::time_point::max())) {
    const File connection(accept4(listening, nullptr, nullptr, SOCK_CLOEXEC));
    // Another thread was first, or whoever called has gone.
    if (!connection.is_open()) continue;
    while (serve_one(connection.get(), td, faults, stop)) continue;
  }
}

// What the system calls take as one type.
union SocketAddress {
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_un local;
};

}  // namespace

Bytes answer_qgs(td::Td& td, Faults& faults, ByteView message) {
  if (faults.take(Fault::qgs_error)) return error_response(kUnexpected);
  const Result<td::QgsType> type = td::qgs_type(message);
  if (!type.ok()) return error_response(kInvalidType);
  switch (*type) {
    case td::QgsType::get_quote_request:
      break;
    case td::QgsType::get_collateral_request:
      return refusal(td::QgsType::get_collateral_response);
    case td::QgsType::get_platform_info_request:
      return refusal(td::QgsType::get_platform_info_response);
    case td::QgsType::get_quote_response:
    case td::QgsType::get_collateral_response:
    case td::QgsType::get_platform_info_response:
      return error_response(kInvalidType);
  }
  const Result<td::QgsQuoteRequest> request = td::parse_quote_request(message);
  if (!request.ok()) return error_response(kInvalidParameter);
  Result<Bytes> made = td.quote_report(request->report);
  if (!made.ok()) return error_response(kUnexpected);
  const Bytes quote = distort_quote(*std::move(made), faults);
  return td::write_message(td::QgsQuoteResponse{.quote = quote});
}

Result<QgsServer> QgsServer::listen_unix(const std::string& path) {
  SocketAddress address{};
  address.local = {};
  address.local.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.local.sun_path)) {
    return Error{
        ErrorCode::invalid_argument, "QGS: " + path + ": not a path for a socket",
        "wanted up to " + std::to_string(sizeof(address.local.sun_path) - 1) + " characters"};
  }
  std::ranges::copy(path, address.local.sun_path);
  File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return server_error("socket");
  if (bind(socket.get(), &address.any, sizeof(address.local)) != 0) {
    if (errno != EADDRINUSE) return server_error(path);
    return Error{ErrorCode::invalid_argument, "QGS: " + path + " is there already",
                 "remove it, if no server has it any more"};
  }
  // Nobody can connect before listen().
  QgsServer server(std::move(socket), "unix:" + path, path);
  if (chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || listen(server.socket_.get(), kBacklog) != 0) {
    return server_error(path);
  }
  return server;
}

Result<QgsServer> QgsServer::listen_tcp(uint16_t port) {
  File socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return server_error("socket");
  const int yes = 1;
  if (setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0) {
    return server_error("socket");
  }
  SocketAddress address{};
  address.ipv4 = {};
  address.ipv4.sin_family = AF_INET;
  address.ipv4.sin_port = htons(port);
  address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address.ipv4);
  if (bind(socket.get(), &address.any, size) != 0 || listen(socket.get(), kBacklog) != 0 ||
      getsockname(socket.get(), &address.any, &size) != 0) {
    return server_error("port " + std::to_string(port));
  }
  std::string name = "tcp:127.0.0.1:" + std::to_string(ntohs(address.ipv4.sin_port));
  return QgsServer(std::move(socket), std::move(name), {});
}

QgsServer::QgsServer(QgsServer&& other) noexcept
    : socket_(std::move(other.socket_)),
      address_(std::move(other.address_)),
      path_(std::exchange(other.path_, {})) {}

QgsServer::~QgsServer() {
  if (!path_.empty()) unlink(path_.c_str());
}

void QgsServer::serve(td::Td& td, Faults& faults, int stop) const {
  const auto work = [&] { serve_connections(socket_.get(), td, faults, stop); };
  std::vector<std::jthread> helpers;
  try {
    while (helpers.size() + 1 < kThreads) helpers.emplace_back(work);
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
    // The system gives no more threads: those that there are do the work.
  }
  work();
}

}  // namespace quoin::simulator
