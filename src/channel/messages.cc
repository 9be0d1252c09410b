#include "src/channel/messages.h"

#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/channel/binding.h"

namespace quoin::channel {
namespace {

void write_u32be(Writer& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.u8(static_cast<uint8_t>(value >> shift));
}

Result<MessageType> parse_type(uint8_t number) {
  for (const MessageType type :
       {MessageType::hello, MessageType::evidence, MessageType::accepted, MessageType::refused}) {
    if (std::to_underlying(type) == number) return type;
  }
  return unsupported("attested TLS: there is no message of type " + std::to_string(number));
}

Result<void> check_size(MessageType type, size_t size) {
  const std::string what =
      "attested TLS: " + std::string(to_string(type)) + " of " + std::to_string(size) + " bytes";
  if (type == MessageType::evidence) {
    if (size > kMaxEvidenceBytes) return too_large(what);
    return {};
  }
  if (size != (type == MessageType::hello ? kHelloBytes : 0)) return malformed(what);
  return {};
}

}  // namespace

std::string_view to_string(MessageType type) {
  switch (type) {
    case MessageType::hello:
      return "HELLO";
    case MessageType::evidence:
      return "EVIDENCE";
    case MessageType::accepted:
      return "ACCEPTED";
    case MessageType::refused:
      return "REFUSED";
  }
  return "";
}

Result<MessageHeader> parse_header(ByteView bytes) {
  Reader in(bytes, "attested TLS: header");
  const uint32_t size = TRY(in.u32be());
  const uint8_t number = TRY(in.u8());
  TRY(in.finish());
  const MessageType type = TRY(parse_type(number));
  TRY(check_size(type, size));
  return MessageHeader{.type = type, .body_size = size};
}

Bytes write_message(MessageType type, ByteView body) {
  Writer out;
  write_u32be(out, static_cast<uint32_t>(body.size()));
  return out.u8(std::to_underlying(type)).bytes(body).take();
}

Bytes write_hello(const Hello& hello) {
  Writer out;
  out.u8(kProtocolVersion).u8(std::to_underlying(hello.role)).u8(hello.wants_evidence ? 1 : 0);
  return out.bytes(hello.nonce).take();
}

Result<Hello> parse_hello(ByteView body) {
  Reader in(body, "attested TLS: HELLO");
  const uint8_t version = TRY(in.u8());
  const uint8_t role = TRY(in.u8());
  const uint8_t wants_evidence = TRY(in.u8());
  Hello hello;
  TRY(in.fill(hello.nonce));
  TRY(in.finish());

  if (version != kProtocolVersion) {
    return unsupported("attested TLS: HELLO of version " + std::to_string(version));
  }
  if (role != std::to_underlying(ChannelRole::client) &&
      role != std::to_underlying(ChannelRole::server)) {
    return malformed("attested TLS: HELLO with the role " + std::to_string(role));
  }
  if (wants_evidence > 1) return malformed("attested TLS: HELLO that is neither yes nor no");
  hello.role = static_cast<ChannelRole>(role);
  hello.wants_evidence = wants_evidence == 1;
  return hello;
}

}  // namespace quoin::channel
