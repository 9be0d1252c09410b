// What is read of the key broker's messages is written again as the same bytes: there is one
// encoding for each, and a secret stands only in a grant.

#include <algorithm>

#include "fuzz/require.h"
#include "src/seal/broker_messages.h"

namespace {

using namespace quoin::broker;
using quoin::ByteView;
using quoin::fuzz::require;

void check_request(ByteView message) {
  const auto request = parse_request(message.subspan(kSizeBytes));
  if (request.ok()) require(quoin::equal(write_request(*request), message));
}

void check_reply(ByteView message) {
  const auto reply = parse_reply(message.subspan(kSizeBytes));
  if (!reply.ok()) return;
  require(reply->grant.has_value() == (reply->answer == Answer::granted));
  require(quoin::equal(write_reply(*reply).view(), message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input(data, size);
  const ByteView front = input.first(std::min(size, kSizeBytes));
  for (const bool is_request : {true, false}) {
    const size_t most = is_request ? kMaxRequestBytes : kMaxReplyBytes;
    const auto body = parse_size(front, most);
    if (!body.ok()) continue;
    require(*body > 0 && *body <= most);
    if (input.size() != kSizeBytes + *body) continue;
    if (is_request) {
      check_request(input);
    } else {
      check_reply(input);
    }
  }
  return 0;
}
