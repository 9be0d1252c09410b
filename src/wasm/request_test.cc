#include "src/wasm/request.h"

#include <gtest/gtest.h>

#include <random>

#include "src/base/writer.h"
#include "src/wasm/guest/protocol.h"

namespace quoin {
namespace {

Bytes open_request(std::string_view path, uint8_t flags) {
  Writer writer;
  writer.u8(QUOIN_OP_OPEN).u32le(3).u16le(static_cast<uint16_t>(path.size()));
  writer.bytes(as_bytes(path)).u8(flags);
  return writer.take();
}

TEST(RequestTest, ReadsAnOpen) {
  const auto request = parse_request(open_request("a/b", QUOIN_OPEN_READ));
  ASSERT_TRUE(request.ok()) << request.error().what;
  const auto& open = std::get<OpenRequest>(std::get<FileRequest>(*request));
  EXPECT_EQ(open.place.directory, 3U);
  EXPECT_EQ(open.place.path, "a/b");
  EXPECT_EQ(open.flags, QUOIN_OPEN_READ);
}

TEST(RequestTest, RefusesEveryTruncationAndWhatIsLeftOver) {
  Bytes message = open_request("a/b", QUOIN_OPEN_READ);
  for (size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(parse_request(ByteView(message).first(size)).ok()) << size;
  }
  message.push_back(0);
  EXPECT_EQ(parse_request(message).error().code, ErrorCode::trailing_bytes);
}

TEST(RequestTest, RefusesWhatIsOutOfRange) {
  EXPECT_FALSE(parse_request(open_request("a", 128)).ok());
  EXPECT_FALSE(parse_request(open_request(std::string(QUOIN_MAX_PATH, 'a'), 0)).ok());
  EXPECT_TRUE(parse_request(open_request(std::string(QUOIN_MAX_PATH - 1, 'a'), 0)).ok());
  EXPECT_FALSE(parse_request(Writer().u8(0).take()).ok());
  EXPECT_FALSE(parse_request(Writer().u8(QUOIN_OP_SYNC + 1).u32le(0).take()).ok());
  EXPECT_FALSE(
      parse_request(Writer().u8(QUOIN_OP_READ_STDIN).u32le(QUOIN_MAX_PIECE + 1).take()).ok());
  EXPECT_FALSE(
      parse_request(Writer().u8(QUOIN_OP_PATH_STAT).u32le(0).u16le(1).u8('a').u8(2).take()).ok());
}

TEST(RequestTest, TakesAnyBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    Bytes message(random() % 64);
    for (uint8_t& byte : message) byte = static_cast<uint8_t>(random());
    if (!message.empty()) message[0] %= QUOIN_OP_SYNC + 2;
    const auto request = parse_request(message);
    EXPECT_TRUE(request.ok() || !request.error().what.empty());
  }
}

}  // namespace
}  // namespace quoin
