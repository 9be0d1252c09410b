#include "src/channel/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <utility>

#include "src/base/try.h"

namespace quoin::channel {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

bool is_port(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Addresses> look_up(const TcpAddress& address, int flags) {
  addrinfo hints{};
  hints.ai_flags = flags | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &list);
  if (error != 0) {
    return Error{ErrorCode::not_found, to_string(address) + ": " + gai_strerror(error)};
  }
  return Addresses(list);
}

size_t count_of(const addrinfo& addresses) {
  size_t count = 0;
  for (const addrinfo* each = &addresses; each != nullptr; each = each->ai_next) ++count;
  return count;
}

Result<Socket> make_socket(const addrinfo& to) {
  Socket made(socket(to.ai_family, to.ai_socktype | SOCK_CLOEXEC, to.ai_protocol));
  if (made.fd() < 0) return system_error("socket", errno);
  return made;
}

// Messages are small and wait for answers. Where it cannot be set, they take longer.
void send_at_once(const Socket& socket) {
  const int yes = 1;
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

Result<Socket> connect_to(const addrinfo& to, const Deadline& deadline) {
  Socket made = TRY(make_socket(to));
  TRY(made.make_nonblocking());
  if (connect(made.fd(), to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return system_error("connect", errno);
    TRY(made.wait_writable(deadline));
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(made.fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    if (error != 0) return system_error("connect", error);
  }
  send_at_once(made);
  return made;
}

Result<Socket> listen_at(const addrinfo& at) {
  constexpr int kBacklog = 64;
  Socket made = TRY(make_socket(at));
  const int yes = 1;
  setsockopt(made.fd(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (bind(made.fd(), at.ai_addr, at.ai_addrlen) != 0) {
    Error error = system_error("bind", errno);
    if (errno == EACCES) error.code = ErrorCode::permission;
    return error;
  }
  if (listen(made.fd(), kBacklog) != 0) return system_error("listen", errno);
  return made;
}

// The address that a socket got.
Result<TcpAddress> address_of(const Socket& socket) {
  // Large enough for an address of any family, which the system sees as the small one.
  union {
    sockaddr_storage storage;
    sockaddr address;
  } any{};
  socklen_t size = sizeof(any);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getsockname(socket.fd(), &any.address, &size) != 0 ||
      getnameinfo(&any.address, size, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return Error{ErrorCode::io, "cannot tell where the socket listens"};
  }
  return TcpAddress{.host = host.data(), .port = port.data()};
}

}  // namespace

Result<TcpAddress> parse_tcp_address(std::string_view text, std::string_view default_host) {
  const Error not_understood = {ErrorCode::invalid_argument,
                                "'" + std::string(text) + "' is not HOST:PORT",
                                "an address in numbers of IPv6 stands in brackets: [::1]:4433"};
  const size_t colon = text.rfind(':');
  std::string_view host = default_host;
  std::string_view port = text;
  if (colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
      host = host.substr(1, host.size() - 2);
    } else if (host.contains(':')) {
      return not_understood;
    }
  }
  if (host.empty() || !is_port(port)) return not_understood;
  return TcpAddress{.host = std::string(host), .port = std::string(port)};
}

std::string to_string(const TcpAddress& address) {
  const bool has_colons = address.host.contains(':');
  return (has_colons ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

Result<Socket> tcp_connect(const TcpAddress& address, const Deadline& deadline) {
  const Addresses addresses = TRY(look_up(address, AI_ADDRCONFIG));
  Result<Socket> connected = connect_to_any(*addresses, deadline);
  if (connected.ok()) return connected;
  Error error = std::move(connected).error();
  error.what = to_string(address) + ": " + error.what;
  return error;
}

Result<Socket> connect_to_any(const addrinfo& addresses, const Deadline& deadline) {
  size_t left = count_of(addresses);
  const addrinfo* to = &addresses;
  for (;;) {
    Result<Socket> connected = connect_to(*to, deadline.first_part(left));
    if (connected.ok() || to->ai_next == nullptr) return connected;
    to = to->ai_next;
    --left;
  }
}

Result<TcpListener> TcpListener::open(const TcpAddress& address) {
  const Addresses addresses = TRY(look_up(address, AI_PASSIVE));
  Result<Socket> listening = listen_at(*addresses);
  if (!listening.ok()) {
    Error error = std::move(listening).error();
    error.what = to_string(address) + ": " + error.what;
    return error;
  }
  TcpAddress got = TRY(address_of(*listening));
  return TcpListener(std::move(listening).value(), std::move(got));
}

Result<Socket> TcpListener::accept() const {
  for (;;) {
    Socket accepted(accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    if (accepted.fd() >= 0) {
      send_at_once(accepted);
      return accepted;
    }
    // ECONNABORTED: whoever it was went away again.
    if (errno != EINTR && errno != ECONNABORTED) return system_error("accept", errno);
  }
}

}  // namespace quoin::channel
