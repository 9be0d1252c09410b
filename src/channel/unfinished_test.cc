// Writes that time out: what was written is not counted as something else.

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "src/channel/peers_testing.h"

namespace quoin::channel {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAtOnce{0};
constexpr size_t kRecord = size_t{16} << 10;

// Nothing where it went well.
template <typename T>
std::optional<ErrorCode> code_of(const Result<T>& result) {
  return result.ok() ? std::nullopt : std::optional(result.error().code);
}

// All that has arrived until `channel` has nothing more to say, and how it says so.
struct Heard {
  Bytes bytes;
  Result<size_t> end = 0;
};

Heard hear(AttestedChannel& channel, milliseconds patience) {
  Heard heard;
  Bytes buffer(kRecord);
  for (;;) {
    heard.end = channel.read(buffer, patience);
    if (!heard.end.ok() || *heard.end == 0) return heard;
    heard.bytes.insert(heard.bytes.end(), buffer.begin(),
                       buffer.begin() + static_cast<std::ptrdiff_t>(*heard.end));
  }
}

// No two records of it are the same.
Bytes text_of(size_t size) {
  Bytes text(size);
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<uint8_t>(i / kRecord + i % 251);
  return text;
}

// A client and a server that nothing stands between.
class Unfinished : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(ends_.client.ok()) << error_of(ends_.client);
    ASSERT_TRUE(ends_.server.ok()) << error_of(ends_.server);
  }

  // Writes of `text` from its beginning until no more goes out. Returns how much did.
  size_t write_until_full(ByteView text) {
    size_t written = 0;
    for (;;) {
      const auto count = client().write_some(text.subspan(written), kAtOnce);
      if (!count.ok()) {
        EXPECT_EQ(code_of(count), ErrorCode::timed_out) << error_of(count);
        return written;
      }
      written += *count;
    }
  }

  AttestedChannel& client() { return *ends_.client; }
  AttestedChannel& server() { return *ends_.server; }
  void drop_client() { ends_.client = Error{ErrorCode::io, "gone"}; }
  void drop_server() { ends_.server = Error{ErrorCode::io, "gone"}; }

 private:
  const TestTd td_;
  const TestVerifier verifier_;
  Ends ends_ = join(verifying(verifier_), attesting(td_));
};

// The peer reads nothing until the first message has timed out. The record that was on its way then
// has room, and is not to go out in place of the second message's beginning.
TEST_F(Unfinished, AfterAWriteThatTimedOutNothingFollows) {
  ASSERT_EQ(code_of(client().write(Bytes(size_t{4} << 20, 'A'), milliseconds(50))),
            ErrorCode::timed_out);
  Heard heard = hear(server(), milliseconds(50));
  EXPECT_EQ(code_of(heard.end), ErrorCode::timed_out);
  const Bytes second(2 * kRecord, 'B');
  EXPECT_EQ(code_of(client().write(second, kPatience)), ErrorCode::io);
  EXPECT_EQ(code_of(client().write({}, kPatience)), ErrorCode::io);
  EXPECT_EQ(code_of(client().write_some(second, kPatience)), ErrorCode::io);
  ASSERT_TRUE(server().write(as_bytes("answer"), kPatience).ok());
  Bytes buffer(kRecord);
  EXPECT_EQ(code_of(client().read(buffer, kPatience)), ErrorCode::io);
  EXPECT_EQ(code_of(client().finish(kPatience)), ErrorCode::io);
  drop_client();
  const Heard rest = hear(server(), kPatience);
  heard.bytes.insert(heard.bytes.end(), rest.bytes.begin(), rest.bytes.end());
  EXPECT_EQ(std::ranges::count(heard.bytes, 'B'), 0);
  EXPECT_GT(std::ranges::count(heard.bytes, 'A'), 0);
  ASSERT_FALSE(rest.end.ok()) << "a message that was cut looks whole";
}

// Of two messages of one size the first does not go out where the second was meant.
TEST(UnfinishedAnswer, WhoIsRefusedDoesNotHearThatItIsAccepted) {
  SocketPair pair;
  auto opening = std::async(std::launch::async, [&] {
    return RawPeer::open(std::move(pair.second), raw_client()).value();
  });
  TlsSession session =
      TlsSession::handshake(std::move(pair.first), raw_server(), RawPeer::patience()).value();
  RawPeer peer = opening.get();
  const auto at_once = [] { return Deadline::in(kAtOnce); };
  size_t accepted = 0;
  while (session.write_all(write_message(MessageType::accepted, {}), at_once()).ok()) ++accepted;
  for (size_t i = 0; i < accepted; ++i) {
    ASSERT_EQ(peer.receive()->type, MessageType::accepted) << i << " of " << accepted;
  }
  EXPECT_EQ(code_of(session.write_all(write_message(MessageType::refused, {}), at_once())),
            ErrorCode::io);
  Bytes buffer(kHeaderBytes);
  EXPECT_EQ(code_of(peer.session().read_some(buffer, Deadline::in(milliseconds(50)))),
            ErrorCode::timed_out);
}

TEST_F(Unfinished, OnlyTheSameBytesGoOn) {
  const Bytes text = text_of(size_t{4} << 20);
  const size_t written = write_until_full(text);
  Heard heard = hear(server(), milliseconds(50));
  EXPECT_EQ(heard.bytes.size(), written);
  const ByteView rest = ByteView(text).subspan(written);
  Bytes other(rest.begin(), rest.end());
  other[kRecord - 1] ^= 1;
  for (const ByteView wrong : {ByteView(other), rest.first(kRecord - 1)}) {
    EXPECT_EQ(code_of(client().write_some(wrong, kPatience)), ErrorCode::invalid_argument);
    EXPECT_EQ(code_of(client().write(wrong, kPatience)), ErrorCode::invalid_argument);
  }
  EXPECT_EQ(code_of(client().finish(kPatience)), ErrorCode::invalid_argument);
  EXPECT_EQ(hear(server(), milliseconds(20)).bytes.size(), 0) << "nothing of that has gone out";
  // Elsewhere, and with less behind them than before.
  const Bytes same(rest.begin(), rest.begin() + kRecord + 10);
  ASSERT_EQ(client().write_some(same, kPatience).value(), kRecord);
  ASSERT_TRUE(client().write(ByteView(same).subspan(kRecord), kPatience).ok());
  ASSERT_TRUE(client().finish(kPatience).ok());
  const Heard last = hear(server(), kPatience);
  EXPECT_EQ(last.end.value(), 0);
  heard.bytes.insert(heard.bytes.end(), last.bytes.begin(), last.bytes.end());
  EXPECT_TRUE(equal(heard.bytes, ByteView(text).first(written + same.size())));
}

// What goes on with more bytes than it began with is counted as what it began with.
TEST_F(Unfinished, GoingOnWithMore) {
  const Bytes text = text_of(size_t{4} << 20);
  constexpr size_t kLittle = 100;
  size_t written = 0;
  while (client().write_some(ByteView(text).subspan(written, kLittle), kAtOnce).ok()) {
    written += kLittle;
  }
  const Heard heard = hear(server(), milliseconds(50));
  EXPECT_EQ(heard.bytes.size(), written);
  EXPECT_EQ(client().write_some(ByteView(text).subspan(written), kPatience).value(), kLittle);
  Bytes buffer(kRecord);
  EXPECT_EQ(server().read(buffer, kPatience).value(), kLittle);
  EXPECT_EQ(code_of(server().read(buffer, milliseconds(20))), ErrorCode::timed_out);
}

// It has said that no more comes, and is gone.
TEST_F(Unfinished, APeerThatHasLeft) {
  ASSERT_TRUE(server().finish(kPatience).ok());
  drop_server();
  Bytes buffer(1);
  ASSERT_EQ(client().read(buffer, kPatience).value(), 0);
  EXPECT_EQ(code_of(client().write_some(as_bytes("x"), kPatience)), ErrorCode::io);
  EXPECT_EQ(code_of(client().finish(kPatience)), ErrorCode::io);
}

TEST_F(Unfinished, TheEndCanBeSaidAgain) {
  const int fd = client().socket();
  int room = 0;
  socklen_t size = sizeof(room);
  ASSERT_EQ(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &size), 0);
  int used = 0;
  size_t written = 0;
  while (used < room) {
    ASSERT_TRUE(client().write(as_bytes("x"), kAtOnce).ok());
    ++written;
    ASSERT_EQ(ioctl(fd, SIOCOUTQ, &used), 0);
  }
  EXPECT_EQ(code_of(client().finish(milliseconds(20))), ErrorCode::timed_out);
  Bytes buffer(1);
  for (size_t i = 0; i < written; ++i) ASSERT_EQ(server().read(buffer, kPatience).value(), 1);
  EXPECT_TRUE(client().finish(kPatience).ok());
  EXPECT_EQ(server().read(buffer, kPatience).value(), 0);
}

}  // namespace
}  // namespace quoin::channel
