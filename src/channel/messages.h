// What the two sides say to each other before data flows, as bytes.

#ifndef QUOIN_SRC_CHANNEL_MESSAGES_H_
#define QUOIN_SRC_CHANNEL_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"

namespace quoin::channel {

// A message is u32 big-endian size of the body, u8 type, body.
inline constexpr size_t kHeaderBytes = 5;
inline constexpr size_t kHelloBytes = 35;
// A quote has about 5 KiB; the rest is for runtime events.
inline constexpr size_t kMaxEvidenceBytes = size_t{1} << 20;

enum class MessageType : uint8_t {
  hello = 1,
  evidence = 2,  // body: write_cmw()
  accepted = 3,  // no body
  refused = 4,   // no body: whoever is refused learns nothing else
};

std::string_view to_string(MessageType type);

struct MessageHeader {
  MessageType type = MessageType::refused;
  size_t body_size = 0;
};

// Reads kHeaderBytes bytes. Fails with truncated, trailing_bytes, unsupported (no such type), and
// with malformed or too_large (no such body of that type).
Result<MessageHeader> parse_header(ByteView bytes);

// Header and body.
Bytes write_message(MessageType type, ByteView body);

// The body of a hello: u8 version, u8 role, u8 1 or 0, nonce.
struct Hello {
  // The sender's.
  ChannelRole role = ChannelRole::client;
  // Whether the sender wants the other's evidence.
  bool wants_evidence = false;
  // That evidence must be about. Random.
  ByteArray<32> nonce{};
};

Bytes write_hello(const Hello& hello);

// Fails with truncated, trailing_bytes, unsupported (the version), or malformed.
Result<Hello> parse_hello(ByteView body);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_MESSAGES_H_
