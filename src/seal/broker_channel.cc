#include "src/seal/broker_channel.h"

#include <span>

#include "src/base/try.h"
#include "src/seal/broker_messages.h"

namespace quoin::broker {
namespace {

// Fills `out`, however many records its bytes come in.
Result<void> read_exact(AttestedChannel& channel, std::span<uint8_t> out, Deadline deadline) {
  while (!out.empty()) {
    const size_t count = TRY(channel.read(out, remaining(deadline)));
    if (count == 0) return Error{ErrorCode::truncated, "key broker: no whole message"};
    out = out.subspan(count);
  }
  return {};
}

}  // namespace

Result<SecretBytes> read_message(AttestedChannel& channel, size_t most, Deadline deadline) {
  ByteArray<kSizeBytes> size_bytes{};
  TRY(read_exact(channel, size_bytes, deadline));
  SecretBytes message(TRY(parse_size(size_bytes, most)));
  TRY(read_exact(channel, message.mutable_view(), deadline));
  return message;
}

}  // namespace quoin::broker
