#include "src/td/qgs_client.h"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string>

#include "src/base/try.h"
#include "src/os/io.h"
#include "src/os/unique_fd.h"
#include "src/td/qgs_error.h"
#include "src/td/qgs_message.h"
#include "src/td/quote_check.h"

namespace quoin::td {
namespace {

constexpr std::chrono::milliseconds kPause{20};

constexpr std::string_view kSilentHint =
    "on the host, look at the quote generation service: systemctl status qgsd, journalctl -u qgsd; "
    "a quote takes it seconds, or longer where it asks a PCCS first";
constexpr std::string_view kNoQgsHint =
    "is it a quote generation service that listens there? (journalctl -u qgsd on the host)";

// An address as the kernel takes it, of whichever family.
struct SocketAddress {
  union {
    sockaddr_storage storage;
    sockaddr any;
    sockaddr_vm vsock;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
    sockaddr_un local;
  };
  socklen_t size;
};

struct ToSocketAddress {
  SocketAddress operator()(const VsockAddress& address) const {
    SocketAddress out = {};
    out.vsock.svm_family = AF_VSOCK;
    out.vsock.svm_cid = address.cid;
    out.vsock.svm_port = address.port;
    out.size = sizeof(out.vsock);
    return out;
  }
  SocketAddress operator()(const TcpAddress& address) const {
    SocketAddress out = {};
    if (inet_pton(AF_INET, address.host.c_str(), &out.ipv4.sin_addr) == 1) {
      out.ipv4.sin_family = AF_INET;
      out.ipv4.sin_port = htons(address.port);
      out.size = sizeof(out.ipv4);
    } else if (inet_pton(AF_INET6, address.host.c_str(), &out.ipv6.sin6_addr) == 1) {
      out.ipv6.sin6_family = AF_INET6;
      out.ipv6.sin6_port = htons(address.port);
      out.size = sizeof(out.ipv6);
    }
    return out;
  }
  SocketAddress operator()(const UnixAddress& address) const {
    SocketAddress out = {};
    if (address.path.size() >= sizeof(out.local.sun_path)) return out;
    out.local.sun_family = AF_UNIX;
    std::ranges::copy(address.path, out.local.sun_path);
    out.size = sizeof(out.local);
    return out;
  }
};

// A service over one connection. Names the service in errors.
class Connection {
 public:
  static Result<Connection> open(const QgsAddress& address, Deadline deadline) {
    const std::string name = "QGS at " + to_string(address);
    const SocketAddress target = std::visit(ToSocketAddress{}, address);
    if (target.size == 0) return Error{ErrorCode::invalid_argument, name + ": no such address"};
    Connection connection(
        TRY(owned(socket(target.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                  name)),
        name);
    TRY(connection.connect_to(target, deadline));
    return connection;
  }

  // At once if it can be: the service takes what comes with the first segment for the whole.
  Result<void> send_all(ByteView bytes, Deadline deadline) const {
    while (!bytes.empty()) {
      const ssize_t count = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes = bytes.subspan(static_cast<size_t>(count));
      } else if (errno == EAGAIN) {
        TRY(wait(POLLOUT, deadline));
      } else if (errno != EINTR) {
        return connection_error(errno);
      }
    }
    return {};
  }

  Result<void> receive(std::span<uint8_t> out, Deadline deadline) const {
    while (!out.empty()) {
      TRY(wait(POLLIN, deadline));
      const ssize_t count = recv(socket_.get(), out.data(), out.size(), 0);
      if (count > 0) {
        out = out.subspan(static_cast<size_t>(count));
      } else if (count == 0) {
        return Error{ErrorCode::io, name_ + ": it closed the connection without an answer",
                     "on the host, journalctl -u qgsd names the cause"};
      } else if (errno != EINTR && errno != EAGAIN) {
        return connection_error(errno);
      }
    }
    return {};
  }

 private:
  Connection(UniqueFd socket, std::string name)
      : socket_(std::move(socket)), name_(std::move(name)) {}

  Result<void> wait(short events, Deadline deadline) const {
    const Result<void> ready = wait_for(socket_.get(), events, deadline, name_);
    if (ready.ok()) return {};
    return Error{ready.error().code, ready.error().what, std::string(kSilentHint)};
  }

  Error connection_error(int error) const {
    Error made = system_error(name_, error);
    if (error == ECONNREFUSED || error == ENOENT || error == ENODEV || error == ECONNRESET ||
        error == EHOSTUNREACH || error == ENETUNREACH) {
      made.code = error == ECONNRESET ? ErrorCode::io : ErrorCode::not_found;
      made.hint = "on the host, is qgsd running, and does it listen there? (systemctl status qgsd)";
    }
    if (error == ETIMEDOUT) {
      made.code = ErrorCode::timed_out;
      made.hint = kSilentHint;
    }
    return made;
  }

  Result<void> connect_to(const SocketAddress& target, Deadline deadline) const {
    for (;;) {
      if (connect(socket_.get(), &target.any, target.size) == 0) return {};
      // A Unix socket whose queue is full has nothing to wait for.
      if (errno != EAGAIN) break;
      if (!pause_for(kPause, deadline)) {
        return Error{ErrorCode::timed_out, name_ + ": too many wait for it",
                     std::string(kSilentHint)};
      }
    }
    if (errno != EINPROGRESS && errno != EINTR) return connection_error(errno);
    TRY(wait(POLLOUT, deadline));
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return connection_error(error);
    return {};
  }

  UniqueFd socket_;
  std::string name_;
};

// What is no answer of a quote generation service.
Error no_answer(const Error& error) { return {error.code, error.what, std::string(kNoQgsHint)}; }

}  // namespace

Result<void> connect_to_qgs(const QgsAddress& address, Deadline deadline) {
  TRY(Connection::open(address, deadline));
  return {};
}

Result<Bytes> quote_by_qgs(const QgsAddress& address, ByteView td_report, Deadline deadline) {
  const Connection connection = TRY(Connection::open(address, deadline));
  const Bytes request = write_message(QgsQuoteRequest{.report = td_report});
  TRY(connection.send_all(with_length(request), deadline));
  ByteArray<kQgsLengthBytes> prefix{};
  TRY(connection.receive(prefix, deadline));
  const Result<size_t> length = parse_length(prefix);
  if (!length.ok()) return no_answer(length.error());
  Bytes message(*length);
  TRY(connection.receive(message, deadline));
  const Result<QgsQuoteResponse> response = parse_quote_response(message);
  if (!response.ok()) return no_answer(response.error());
  if (response->error_code != 0) return qgs_error(response->error_code);
  return checked_quote_of_report(response->quote, td_report);
}

}  // namespace quoin::td
