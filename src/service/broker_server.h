// Connections to a key broker: as many as there may be, from each address as many and as often as
// it may.

#ifndef QUOIN_SRC_SERVICE_BROKER_SERVER_H_
#define QUOIN_SRC_SERVICE_BROKER_SERVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "quoin/result.h"
#include "src/channel/tcp.h"
#include "src/service/key_broker.h"

namespace quoin::broker {

struct ServerLimits {
  // A thread each; more are turned away.
  unsigned connections = 32;
  // Of them, from one address: an IPv4 address, or a /64 of IPv6.
  unsigned connections_per_address = 8;
  uint32_t per_address_and_minute = 600;  // 0: as often as they like
};

inline constexpr unsigned kMaxConnections = 1024;

// Who is connected by a socket. Fails with io where the socket is not connected.
Result<PeerAddress> peer_address(int socket);

// Calls `ready`, fails as it does, and serves until `stop`, a descriptor, can be read; then takes
// no more connections, answers those that there are, within their deadlines, and returns. Fails
// with invalid_argument (limits that are none), with io where there is no thread for each
// connection, both before `ready`, and with io where it can listen no more.
Result<void> serve(const channel::TcpListener& listener, KeyBroker& broker,
                   const ServerLimits& limits, int stop,
                   const std::function<Result<void>()>& ready);

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_BROKER_SERVER_H_
