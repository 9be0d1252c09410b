// What a TD and the key broker say to each other within attested TLS (docs/formats.md, "The key
// broker's protocol"): one request and one answer a connection.

#ifndef QUOIN_SRC_SEAL_BROKER_MESSAGES_H_
#define QUOIN_SRC_SEAL_BROKER_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/secret.h"

namespace quoin::broker {

// Of each message, in front of it: the size of what follows, two bytes, little-endian.
inline constexpr size_t kSizeBytes = 2;
// The largest messages, without their sizes.
inline constexpr size_t kMaxRequestBytes = 147;
inline constexpr size_t kMaxReplyBytes = 58;

// How large the message is whose size these kSizeBytes bytes are. Fails with malformed (nothing
// follows), too_large (over `max_bytes`), truncated or trailing_bytes.
Result<size_t> parse_size(ByteView bytes, size_t max_bytes);

struct Request {
  std::string policy_id;  // is_policy_id()
  // Nothing: the current one.
  std::optional<uint64_t> epoch;
  // What the current one must be at least: the TD has seen it.
  uint64_t minimum_epoch = 0;
};

// With its size in front.
Bytes write_request(const Request& request);

// Reads what stands behind the size. Fails with truncated, trailing_bytes, unsupported (another
// version), or malformed.
Result<Request> parse_request(ByteView bytes);

enum class Answer : uint8_t {
  granted = 0,
  refused = 1,             // the TD may not have it: no word why
  no_such_epoch = 2,       // the policy has none of that number, or no longer gives it
  epoch_is_too_low = 3,    // the current one is lower than what the TD has seen
  too_many_questions = 4,  // ask later
  failed = 5,              // the broker cannot decide
};

// "granted", "refused", "no_such_epoch", ...
std::string_view to_string(Answer answer);

// What was granted.
struct Grant {
  uint64_t epoch = 0;
  uint64_t current_epoch = 0;
  Secret<32> secret;
};

struct Reply {
  Answer answer = Answer::failed;
  // Of the decision, in the broker's records; 0 where it has none.
  uint64_t decision = 0;
  // With Answer::granted, and with no other.
  std::optional<Grant> grant;
};

// With its size in front.
SecretBytes write_reply(const Reply& reply);

// Reads what stands behind the size. Fails with truncated, trailing_bytes, unsupported (another
// version), or malformed: an answer that there is not, epochs that cannot be, a secret of zeros.
Result<Reply> parse_reply(ByteView bytes);

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SEAL_BROKER_MESSAGES_H_
