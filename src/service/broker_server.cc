#include "src/service/broker_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "src/base/try.h"
#include "src/os/unique_fd.h"
#include "src/service/rate_limiter.h"

namespace quoin::broker {
namespace {

constexpr std::string_view kReasonConnections = "broker_connections";
constexpr std::string_view kReasonAddressRate = "broker_address_rate";
// Lines about peers that were turned away, which cost a peer nothing to be: so many a minute, and
// the others are counted.
constexpr uint32_t kTurnedAwayLinesPerMinute = 60;
constexpr size_t kNetworkBytes = 8;  // a /64 of IPv6

struct Connection {
  UniqueFd socket;
  PeerAddress peer;
};

std::string bytes_of(const void* data, size_t size) {
  std::string bytes(size, '\0');
  std::memcpy(bytes.data(), data, size);
  return bytes;
}

PeerAddress of_ipv4(const in_addr& address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return {.text = text.data(), .group = bytes_of(&address, sizeof(address))};
}

PeerAddress of_ipv6(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr mapped{};
    std::memcpy(&mapped, std::next(std::begin(address.s6_addr), 12), sizeof(mapped));
    return of_ipv4(mapped);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return {.text = text.data(), .group = bytes_of(&address, kNetworkBytes)};
}

// The connections that are open, and the threads that serve them.
class Workers {
 public:
  Workers(KeyBroker& broker, const ServerLimits& limits) : broker_(broker), limits_(limits) {}
  // Waits for the connections that there are.
  ~Workers() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    threads_.clear();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Before anything is taken. Fails with io where the system gives too few threads.
  Result<void> start() {
    try {
      while (threads_.size() < limits_.connections) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      return Error{ErrorCode::io,
                   "key broker: thread " + std::to_string(threads_.size() + 1) + " of " +
                       std::to_string(limits_.connections) + ": " + error.code().message(),
                   "lower --connections, or raise the limit of this service's threads"};
    }
    return {};
  }

  // Whether there is room for it.
  bool take(Connection connection) {
    {
      const std::scoped_lock lock(mutex_);
      unsigned& of_peer = by_group_[connection.peer.group];
      if (open_ >= limits_.connections || of_peer >= limits_.connections_per_address) {
        if (of_peer == 0) by_group_.erase(connection.peer.group);
        return false;
      }
      ++open_;
      ++of_peer;
      waiting_.push_back(std::move(connection));
    }
    changed_.notify_one();
    return true;
  }

 private:
  void work() {
    while (std::optional<Connection> connection = next()) {
      broker_.serve(connection->socket.release(), connection->peer);
      const std::scoped_lock lock(mutex_);
      --open_;
      const auto of_peer = by_group_.find(connection->peer.group);
      if (--of_peer->second == 0) by_group_.erase(of_peer);
    }
  }

  std::optional<Connection> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return std::nullopt;
    Connection connection = std::move(waiting_.front());
    waiting_.pop_front();
    return connection;
  }

  KeyBroker& broker_;
  const ServerLimits& limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Connection> waiting_;
  std::map<std::string, unsigned> by_group_;
  unsigned open_ = 0;
  bool stopping_ = false;
  // The last member: the threads use the others.
  std::vector<std::jthread> threads_;
};

class Door {
 public:
  Door(KeyBroker& broker, const ServerLimits& limits)
      : broker_(broker),
        addresses_(limits.per_address_and_minute),
        lines_(kTurnedAwayLinesPerMinute, 1),
        workers_(broker, limits) {}

  Result<void> open() { return workers_.start(); }

  void admit(UniqueFd socket) {
    const Result<PeerAddress> peer = peer_address(socket.get());
    // Whoever it was has gone.
    if (!peer.ok()) return;
    // Messages are small and wait for answers. Where it cannot be set, they take longer.
    const int yes = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (!addresses_.allow(peer->group, service::RateLimiter::Clock::now())) {
      turn_away(*peer, kReasonAddressRate);
    } else if (!workers_.take({.socket = std::move(socket), .peer = *peer})) {
      turn_away(*peer, kReasonConnections);
    }
  }

 private:
  void turn_away(const PeerAddress& peer, std::string_view reason) {
    ++turned_away_;
    if (!lines_.allow("", service::RateLimiter::Clock::now())) return;
    broker_.log_turned_away(peer.text, reason, std::exchange(turned_away_, 0));
  }

  KeyBroker& broker_;
  service::RateLimiter addresses_;
  service::RateLimiter lines_;
  uint64_t turned_away_ = 0;
  Workers workers_;
};

// The next connection, where there is one. Fails with io.
Result<UniqueFd> accept_from(const channel::TcpListener& listener) {
  UniqueFd socket(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.valid()) return socket;
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      // Until others are closed. The connection waits meanwhile.
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      return socket;
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
      return system_error("cannot accept connections", errno);
    default:
      // accept(2): what is wrong with the network of one connection is no reason to stop.
      return socket;
  }
}

}  // namespace

Result<PeerAddress> peer_address(int socket) {
  // Large enough for an address of any family, which the system sees as the small one.
  union {
    sockaddr_storage storage;
    sockaddr address;
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
  } any{};
  socklen_t size = sizeof(any);
  if (getpeername(socket, &any.address, &size) != 0) return system_error("getpeername", errno);
  if (any.address.sa_family == AF_INET) return of_ipv4(any.ipv4.sin_addr);
  if (any.address.sa_family == AF_INET6) return of_ipv6(any.ipv6.sin6_addr);
  return PeerAddress{.text = "local", .group = "local"};
}

Result<void> serve(const channel::TcpListener& listener, KeyBroker& broker,
                   const ServerLimits& limits, int stop,
                   const std::function<Result<void>()>& ready) {
  if (limits.connections == 0 || limits.connections > kMaxConnections ||
      limits.connections_per_address == 0) {
    return Error{ErrorCode::invalid_argument, "key broker: no connections, or too many"};
  }
  const int flags = fcntl(listener.fd(), F_GETFL);
  if (flags < 0 || fcntl(listener.fd(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return system_error("key broker: its socket", errno);
  }
  Door door(broker, limits);
  TRY(door.open());
  TRY(ready());
  for (;;) {
    std::array<pollfd, 2> waiting = {pollfd{.fd = stop, .events = POLLIN, .revents = 0},
                                     pollfd{.fd = listener.fd(), .events = POLLIN, .revents = 0}};
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      return system_error("poll", errno);
    }
    if (waiting[0].revents != 0) return {};
    if (waiting[1].revents == 0) continue;
    UniqueFd socket = TRY(accept_from(listener));
    if (socket.valid()) door.admit(std::move(socket));
  }
}

}  // namespace quoin::broker
