// What is read of attested TLS's messages is written again as the same bytes: there is one encoding
// for each.

#include <algorithm>

#include "fuzz/require.h"
#include "src/channel/cmw.h"
#include "src/channel/messages.h"

namespace {

using namespace quoin::channel;

void check_body(MessageType type, quoin::ByteView body) {
  if (type == MessageType::hello) {
    const auto hello = parse_hello(body);
    if (hello.ok()) quoin::fuzz::require(quoin::equal(write_hello(*hello), body));
  }
  if (type == MessageType::evidence) {
    const auto evidence = parse_cmw(body);
    if (evidence.ok()) quoin::fuzz::require(quoin::equal(write_cmw(*evidence), body));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const quoin::ByteView input(data, size);
  const auto header = parse_header(input.first(std::min(size, kHeaderBytes)));
  if (!header.ok()) return 0;
  quoin::fuzz::require(header->body_size <= kMaxEvidenceBytes);
  const quoin::ByteView body = input.subspan(kHeaderBytes);
  check_body(header->type, body);
  if (body.size() != header->body_size) return 0;
  quoin::fuzz::require(quoin::equal(write_message(header->type, body), input));
  return 0;
}
