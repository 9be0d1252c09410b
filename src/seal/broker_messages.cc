#include "src/seal/broker_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "quoin/seal.h"
#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/base/writer.h"

namespace quoin::broker {
namespace {

constexpr uint8_t kVersion = 1;

static_assert(kMaxRequestBytes == 1 + 1 + 8 + 8 + 1 + kMaxPolicyIdBytes);

constexpr std::array kAnswers = {
    std::pair{Answer::granted, std::string_view("granted")},
    std::pair{Answer::refused, std::string_view("refused")},
    std::pair{Answer::no_such_epoch, std::string_view("no_such_epoch")},
    std::pair{Answer::epoch_is_too_low, std::string_view("epoch_is_too_low")},
    std::pair{Answer::too_many_questions, std::string_view("too_many_questions")},
    std::pair{Answer::failed, std::string_view("failed")},
};

Result<void> read_version(Reader& in) {
  const uint8_t version = TRY(in.u8());
  if (version == kVersion) return {};
  return unsupported("key broker: a message of version " + std::to_string(version));
}

Result<Grant> parse_grant(Reader& in) {
  Grant grant;
  grant.epoch = TRY(in.u64le());
  grant.current_epoch = TRY(in.u64le());
  const ByteView secret = TRY(in.bytes(Secret<32>::size()));
  if (all_zero(secret)) return malformed("key broker: a secret of zeros");
  std::ranges::copy(secret, grant.secret.mutable_view().begin());
  if (grant.epoch == 0 || grant.epoch > grant.current_epoch) {
    return malformed("key broker: epoch " + std::to_string(grant.epoch) + " of " +
                     std::to_string(grant.current_epoch));
  }
  return grant;
}

}  // namespace

Result<size_t> parse_size(ByteView bytes, size_t max_bytes) {
  Reader in(bytes, "key broker: size");
  const uint16_t size = TRY(in.u16le());
  TRY(in.finish());
  if (size == 0) return malformed("key broker: an empty message");
  if (size > max_bytes) {
    return too_large("key broker: a message of " + std::to_string(size) + " bytes");
  }
  return size_t{size};
}

Bytes write_request(const Request& request) {
  Writer body;
  body.u8(kVersion).u8(request.epoch ? 1 : 0).u64le(request.epoch.value_or(0));
  body.u64le(request.minimum_epoch).u8(static_cast<uint8_t>(request.policy_id.size()));
  body.bytes(as_bytes(request.policy_id));
  return Writer().u16le(static_cast<uint16_t>(body.size())).bytes(body.view()).take();
}

Result<Request> parse_request(ByteView bytes) {
  Reader in(bytes, "key broker: request");
  TRY(read_version(in));
  const uint8_t has_epoch = TRY(in.u8());
  const uint64_t epoch = TRY(in.u64le());
  Request request;
  request.minimum_epoch = TRY(in.u64le());
  const uint8_t size = TRY(in.u8());
  request.policy_id = as_text(TRY(in.bytes(size)));
  TRY(in.finish());
  if (has_epoch > 1 || (has_epoch == 1) != (epoch != 0)) {
    return malformed("key broker: a request for no epoch");
  }
  if (has_epoch == 1) request.epoch = epoch;
  if (!is_policy_id(request.policy_id)) {
    return malformed("key broker: a request under a name that no policy can have");
  }
  return request;
}

std::string_view to_string(Answer answer) {
  for (const auto& [known, name] : kAnswers) {
    if (known == answer) return name;
  }
  return "";
}

SecretBytes write_reply(const Reply& reply) {
  SecretBytes message(kSizeBytes + (reply.grant ? kMaxReplyBytes : 1 + 1 + 8));
  auto out = message.mutable_view().begin();
  // A Writer would leave copies of the secret behind.
  const auto append = [&out](ByteView bytes) { out = std::ranges::copy(bytes, out).out; };
  append(Writer().u16le(static_cast<uint16_t>(message.size() - kSizeBytes)).view());
  append(Writer().u8(kVersion).u8(std::to_underlying(reply.answer)).u64le(reply.decision).view());
  if (reply.grant) {
    append(Writer().u64le(reply.grant->epoch).u64le(reply.grant->current_epoch).view());
    append(reply.grant->secret.view());
  }
  return message;
}

Result<Reply> parse_reply(ByteView bytes) {
  Reader in(bytes, "key broker: answer");
  TRY(read_version(in));
  const uint8_t answer = TRY(in.u8());
  Reply reply;
  reply.decision = TRY(in.u64le());
  if (answer > std::to_underlying(Answer::failed)) {
    return malformed("key broker: there is no answer " + std::to_string(answer));
  }
  reply.answer = static_cast<Answer>(answer);
  if (reply.answer == Answer::granted) reply.grant = TRY(parse_grant(in));
  TRY(in.finish());
  return reply;
}

}  // namespace quoin::broker
