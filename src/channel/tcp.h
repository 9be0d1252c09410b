// Sockets for channels: by name and port.

#ifndef QUOIN_SRC_CHANNEL_TCP_H_
#define QUOIN_SRC_CHANNEL_TCP_H_

#include <netdb.h>

#include <string>
#include <string_view>

#include "quoin/result.h"
#include "src/channel/deadline.h"
#include "src/channel/socket.h"

namespace quoin::channel {

struct TcpAddress {
  std::string host;  // a name or a number, without brackets
  std::string port;  // decimal, 0 to 65535

  friend bool operator==(const TcpAddress&, const TcpAddress&) = default;
};

// Reads "host:port", "[::1]:port", and "port" alone where `default_host` is not empty. Fails with
// invalid_argument.
Result<TcpAddress> parse_tcp_address(std::string_view text, std::string_view default_host = {});

// "host:port", with brackets where the host has colons.
std::string to_string(const TcpAddress& address);

// Connects to the first address of that name that answers; one that does not keeps none of the
// others from being tried in time. The name is looked up by the system, which is not held to the
// deadline. Fails with not_found (the name), timed_out, or io.
Result<Socket> tcp_connect(const TcpAddress& address, const Deadline& deadline);

// What tcp_connect() does once it has looked the name up: connects to the first of `addresses`, as
// getaddrinfo(3) lists them, that answers. Each has an equal part of the time that those before it
// have left. Fails with what became of the last, timed_out or io.
Result<Socket> connect_to_any(const addrinfo& addresses, const Deadline& deadline);

// Waits for connections. Movable; not thread-safe.
class TcpListener {
 public:
  // Port 0 is one that is free. Fails with not_found (the name), permission, or io.
  static Result<TcpListener> open(const TcpAddress& address);

  // Where it listens, in numbers.
  const TcpAddress& address() const { return address_; }

  // The next connection, as long as it takes. Fails with io.
  Result<Socket> accept() const;

  // For poll(2) and accept(2).
  int fd() const { return socket_.fd(); }

 private:
  TcpListener(Socket socket, TcpAddress address)
      : socket_(std::move(socket)), address_(std::move(address)) {}

  Socket socket_;
  TcpAddress address_;
};

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_TCP_H_
