// The key broker: gives a TD the root secret of a policy that accepts it (docs/key-broker.md).

#ifndef QUOIN_SRC_SERVICE_KEY_BROKER_H_
#define QUOIN_SRC_SERVICE_KEY_BROKER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/channel.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "quoin/verify.h"
#include "src/service/broker_keys.h"
#include "src/service/broker_policies.h"
#include "src/service/broker_store.h"

namespace quoin::broker {

struct BrokerSettings {
  std::vector<NamedPolicy> policies;
  // Trusted for every policy; each has its own besides.
  std::vector<TrustRoot> trust_roots;
  // Called by the threads of all connections; a SharedCollateral asks another for them.
  CollateralSource collateral;
  // Of a broker that is in a TD itself, and shows it to TDs that want to know.
  Attester attester;

  // How often the TDs of one platform may ask; 0: as often as they like.
  uint32_t per_platform_and_minute = 120;
  // How often those of one address may have the broker attest itself; 0: as often as they like. It
  // does so before it knows who they are, and a TD makes a few quotes a second.
  uint32_t quotes_per_address_and_minute = 30;
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
  // For the question and for the answer, each.
  std::chrono::milliseconds message_timeout = std::chrono::seconds(5);

  std::function<UtcTime()> clock;
  // Takes each decision's line, with its line break. Called by one thread at a time. Where it fails
  // to take that of a release, nothing is released.
  std::function<Result<void>(const std::string& line)> log;
};

// Who is connected.
struct PeerAddress {
  std::string text;   // "192.0.2.1", "2001:db8::1": what lines call them
  std::string group;  // what limits count together: an IPv4 address, an IPv6 /64
};

// What the reasons of refusals are called that are the broker's own; the others are the ids of
// checks (docs/verification.md).
inline constexpr std::string_view kReasonChannel = "broker_channel";
inline constexpr std::string_view kReasonRequest = "broker_request";
inline constexpr std::string_view kReasonQuoteRate = "broker_quote_rate";
inline constexpr std::string_view kReasonPlatformRate = "broker_platform_rate";
inline constexpr std::string_view kReasonPolicyUnknown = "broker_policy_unknown";
inline constexpr std::string_view kReasonEpochTooLow = "broker_epoch_too_low";
inline constexpr std::string_view kReasonEpochUnknown = "broker_epoch_unknown";
inline constexpr std::string_view kReasonEpochRetired = "broker_epoch_retired";

// Thread-safe.
class KeyBroker {
 public:
  // Fails with refused where a root is trusted whose kind the keys are not for (a simulator's for
  // production, or another for simulated TDs), or a policy does not pin what runs, and as
  // Store::add_policies() does.
  static Result<KeyBroker> make(BrokerKeys keys, Store store, BrokerSettings settings);

  KeyBroker(KeyBroker&&) noexcept;
  KeyBroker& operator=(KeyBroker&&) noexcept;
  ~KeyBroker();

  // Answers the one question of whoever is connected by `socket`, which it takes over. A root is
  // given only once its decision is on the disk.
  void serve(int socket, const PeerAddress& peer);

  // Says that `peer` was turned away `count` times for want of a connection or for asking too
  // often, before anything was looked at.
  void log_turned_away(std::string_view peer, std::string_view reason, uint64_t count);

 private:
  struct State;
  explicit KeyBroker(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_KEY_BROKER_H_
