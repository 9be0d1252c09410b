// Decisions that whoever guards a machine wants to hear of, each as one line of JSON with a stable
// id: docs/security-events.md.

#ifndef QUOIN_SRC_BASE_SECURITY_EVENT_H_
#define QUOIN_SRC_BASE_SECURITY_EVENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin {

// What it came to.
enum class SecurityOutcome : uint8_t {
  allowed,
  refused,  // a rule said no
  failed,   // it could not be done, or not be decided
};

enum class SecurityEventId : uint8_t {
  channel_peer_accepted,
  channel_peer_refused,
  channel_failed,
  quote_made,
  quote_failed,
  rtmr_extended,
  rtmr_extend_failed,
  seal_opened,
  seal_refused,
  seal_failed,
  broker_started,
  broker_root_released,
  broker_root_refused,
  broker_rate_limited,
  broker_failed,
};

struct SecurityEventKind {
  SecurityEventId id{};
  std::string_view name;  // stable: "channel.peer_refused"
  SecurityOutcome outcome{};
};

// All of them, in the order of SecurityEventId.
inline constexpr std::array kSecurityEvents = {
    SecurityEventKind{SecurityEventId::channel_peer_accepted, "channel.peer_accepted",
                      SecurityOutcome::allowed},
    SecurityEventKind{SecurityEventId::channel_peer_refused, "channel.peer_refused",
                      SecurityOutcome::refused},
    SecurityEventKind{SecurityEventId::channel_failed, "channel.failed", SecurityOutcome::failed},
    SecurityEventKind{SecurityEventId::quote_made, "quote.made", SecurityOutcome::allowed},
    SecurityEventKind{SecurityEventId::quote_failed, "quote.failed", SecurityOutcome::failed},
    SecurityEventKind{SecurityEventId::rtmr_extended, "rtmr.extended", SecurityOutcome::allowed},
    SecurityEventKind{SecurityEventId::rtmr_extend_failed, "rtmr.extend_failed",
                      SecurityOutcome::failed},
    SecurityEventKind{SecurityEventId::seal_opened, "seal.opened", SecurityOutcome::allowed},
    SecurityEventKind{SecurityEventId::seal_refused, "seal.refused", SecurityOutcome::refused},
    SecurityEventKind{SecurityEventId::seal_failed, "seal.failed", SecurityOutcome::failed},
    SecurityEventKind{SecurityEventId::broker_started, "broker.started", SecurityOutcome::allowed},
    SecurityEventKind{SecurityEventId::broker_root_released, "broker.root_released",
                      SecurityOutcome::allowed},
    SecurityEventKind{SecurityEventId::broker_root_refused, "broker.root_refused",
                      SecurityOutcome::refused},
    SecurityEventKind{SecurityEventId::broker_rate_limited, "broker.rate_limited",
                      SecurityOutcome::refused},
    SecurityEventKind{SecurityEventId::broker_failed, "broker.failed", SecurityOutcome::failed},
};

// The longest line, with its line break: what write(2) appends to a pipe at once (PIPE_BUF).
inline constexpr size_t kMaxSecurityEventBytes = 4096;

// One event, as it is put together:
//
//   TRY(log.write(SecurityEvent(SecurityEventId::channel_peer_refused, now)
//                     .text("reason", "tcb_level")
//                     .bytes("key_sha256", key_sha256)));
//
// A line says when, what and about whom: names, ids, digests and measurements. Nothing that is
// secret has a way in: `bytes` is for what is public. Names of members are ours, `[a-z0-9_]+`, each
// given once and none of those that every line has ("time", "event", "outcome").
class SecurityEvent {
 public:
  SecurityEvent(SecurityEventId id, UtcTime time);

  // Text from anywhere: what is no UTF-8 is replaced, control characters are escaped, and what is
  // longer than 256 bytes is cut.
  SecurityEvent& text(std::string_view name, std::string_view value);
  SecurityEvent& number(std::string_view name, uint64_t value);
  SecurityEvent& flag(std::string_view name, bool value);
  // In hex; at most 64 bytes of them.
  SecurityEvent& bytes(std::string_view name, ByteView value);
  // "error" (the code's name) and "what".
  SecurityEvent& error(const Error& error);

  // The line, with its line break, at most kMaxSecurityEventBytes long. Members that did not fit
  // are missing, and "cut" is true.
  std::string line() const;

 private:
  void add(std::string_view name, std::string_view json);

  std::string json_;  // an object without its closing brace
  bool cut_ = false;
};

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_SECURITY_EVENT_H_
