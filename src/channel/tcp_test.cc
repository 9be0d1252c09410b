#include "src/channel/tcp.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "src/channel/peers_testing.h"

namespace quoin::channel {
namespace {

TEST(TcpAddress, IsHostAndPort) {
  struct Case {
    const char* text;
    TcpAddress address;
  };
  const std::vector<Case> cases = {
      {"example.org:443", {"example.org", "443"}},
      {"127.0.0.1:0", {"127.0.0.1", "0"}},
      {"[::1]:65535", {"::1", "65535"}},
  };
  for (const Case& c : cases) {
    const auto parsed = parse_tcp_address(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text;
    EXPECT_EQ(*parsed, c.address);
    EXPECT_EQ(to_string(*parsed), c.text);
  }
  EXPECT_EQ(parse_tcp_address("4433", "127.0.0.1").value(), (TcpAddress{"127.0.0.1", "4433"}));
}

TEST(TcpAddress, AnythingElseIsRefused) {
  for (const char* text : {"", ":", "host", "host:", ":443", "host:65536", "host:-1", "host:+1",
                           "host: 1", "host:http", "::1:443", "[]:1", "[::1]", "4433"}) {
    const auto parsed = parse_tcp_address(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_argument);
  }
}

TEST(TcpSockets, AChannelOverThem) {
  const TestTd td;
  const TestVerifier verifier;
  const ChannelOptions client_options = verifying(verifier);
  const ChannelOptions server_options = attesting(td);
  const auto listener = TcpListener::open({.host = "127.0.0.1", .port = "0"});
  ASSERT_TRUE(listener.ok()) << error_of(listener);
  EXPECT_NE(listener->address().port, "0");
  auto accepting = std::async(std::launch::async, [&] {
    return AttestedChannel::accept(listener->accept().value().release(), server_options, kTestNow);
  });
  auto socket = tcp_connect(listener->address(), Deadline::in(kPatience));
  ASSERT_TRUE(socket.ok()) << error_of(socket);
  auto client = AttestedChannel::connect(socket->release(), client_options, kTestNow);
  auto server = accepting.get();
  ASSERT_TRUE(client.ok()) << error_of(client);
  ASSERT_TRUE(server.ok()) << error_of(server);
  ASSERT_TRUE(client->write(as_bytes("hello"), kPatience).ok());
  Bytes buffer(100);
  EXPECT_EQ(server->read(buffer, kPatience).value(), 5);
}

TEST(TcpSockets, WhoIsNotThere) {
  TcpAddress gone;
  {
    const auto listener = TcpListener::open({.host = "127.0.0.1", .port = "0"});
    gone = listener->address();
  }
  const auto refused = tcp_connect(gone, Deadline::in(kPatience));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::io);
  EXPECT_TRUE(refused.error().what.starts_with("127.0.0.1:")) << refused.error().what;
}

TEST(TcpSockets, APortThatIsTaken) {
  const auto first = TcpListener::open({.host = "127.0.0.1", .port = "0"});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(TcpListener::open(first->address()).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace quoin::channel
