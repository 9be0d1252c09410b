#include "src/channel/messages.h"

#include <gtest/gtest.h>

#include <vector>

namespace quoin::channel {
namespace {

TEST(Messages, HeaderIsSizeAndType) {
  const Bytes written = write_message(MessageType::evidence, Bytes(0x010203, 7));
  EXPECT_EQ(Bytes(written.begin(), written.begin() + 5), (Bytes{0, 1, 2, 3, 2}));
  EXPECT_EQ(written.size(), kHeaderBytes + 0x010203);
  const auto header = parse_header(ByteView(written).first(kHeaderBytes));
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->type, MessageType::evidence);
  EXPECT_EQ(header->body_size, 0x010203);
}

struct Case {
  Bytes header;
  ErrorCode code;
};

TEST(Messages, SizesThatATypeCannotHave) {
  const std::vector<Case> cases = {
      {{}, ErrorCode::truncated},
      {{0, 0, 0, 35}, ErrorCode::truncated},
      {{0, 0, 0, 35, 1, 1}, ErrorCode::trailing_bytes},
      {{0, 0, 0, 34, 1}, ErrorCode::malformed},
      {{0, 0, 0, 36, 1}, ErrorCode::malformed},
      {{0, 0x10, 0, 1, 2}, ErrorCode::too_large},
      {{0xff, 0xff, 0xff, 0xff, 2}, ErrorCode::too_large},
      {{0, 0, 0, 1, 3}, ErrorCode::malformed},
      {{0, 0, 0, 1, 4}, ErrorCode::malformed},
      {{0, 0, 0, 0, 0}, ErrorCode::unsupported},
      {{0, 0, 0, 0, 5}, ErrorCode::unsupported},
      {{0, 0, 0, 0, 255}, ErrorCode::unsupported},
  };
  for (const Case& c : cases) {
    const auto header = parse_header(c.header);
    ASSERT_FALSE(header.ok());
    EXPECT_EQ(header.error().code, c.code) << header.error().what;
  }
  EXPECT_TRUE(parse_header(Bytes{0, 0x10, 0, 0, 2}).ok()) << "the largest evidence";
}

TEST(Messages, Hello) {
  Hello hello = {.role = ChannelRole::server, .wants_evidence = true};
  hello.nonce.fill(9);
  const Bytes written = write_hello(hello);
  EXPECT_EQ(written.size(), kHelloBytes);
  EXPECT_EQ(Bytes(written.begin(), written.begin() + 4), (Bytes{1, 2, 1, 9}));
  const auto read = parse_hello(written);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->role, hello.role);
  EXPECT_EQ(read->wants_evidence, hello.wants_evidence);
  EXPECT_EQ(read->nonce, hello.nonce);
}

TEST(Messages, HelloThatIsNotUnderstood) {
  const Bytes good = write_hello({});
  const auto code_of = [&good](size_t at, uint8_t value) {
    Bytes changed = good;
    changed[at] = value;
    return parse_hello(changed).error().code;
  };
  EXPECT_EQ(code_of(0, 0), ErrorCode::unsupported);
  EXPECT_EQ(code_of(0, 2), ErrorCode::unsupported);
  EXPECT_EQ(code_of(1, 0), ErrorCode::malformed);
  EXPECT_EQ(code_of(1, 3), ErrorCode::malformed);
  EXPECT_EQ(code_of(2, 2), ErrorCode::malformed);
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(parse_hello(longer).error().code, ErrorCode::trailing_bytes);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(parse_hello(ByteView(good).first(size)).error().code, ErrorCode::truncated);
  }
}

}  // namespace
}  // namespace quoin::channel
