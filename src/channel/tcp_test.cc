#include "src/channel/tcp.h"

#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/channel/peers_testing.h"

namespace quoin::channel {
namespace {

using std::chrono::milliseconds;

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

// Somewhere that answers nobody: whoever connects waits.
class BlackHole {
 public:
  BlackHole() {
    // With a backlog that is full the system drops whoever else comes (listen(2)).
    EXPECT_EQ(listen(listener_.fd(), 0), 0);
    constexpr int kEnough = 8;
    for (int i = 0; i < kEnough; ++i) {
      auto waiting = tcp_connect(address(), Deadline::in(milliseconds(50)));
      if (!waiting.ok()) return;
      waiting_.push_back(std::move(waiting).value());
    }
    ADD_FAILURE() << "it still answers";
  }
  const TcpAddress& address() const { return listener_.address(); }

 private:
  TcpListener listener_ = TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
  std::vector<Socket> waiting_;
};

// The addresses of one name, as getaddrinfo(3) lists them.
class AddressList {
 public:
  explicit AddressList(const std::vector<TcpAddress>& addresses) {
    for (const TcpAddress& address : addresses) {
      addrinfo hints{};
      hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
      hints.ai_socktype = SOCK_STREAM;
      addrinfo* each = nullptr;
      if (getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &each) != 0) std::abort();
      (last_ == nullptr ? first_ : last_->ai_next) = each;
      last_ = each;
    }
  }
  ~AddressList() { freeaddrinfo(first_); }
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;

  const addrinfo& first() const { return *first_; }

 private:
  addrinfo* first_ = nullptr;
  addrinfo* last_ = nullptr;
};

TEST(TcpSockets, AnAddressThatDoesNotAnswerLeavesTimeForTheOthers) {
  const BlackHole nobody;
  const auto listener = TcpListener::open({.host = "127.0.0.1", .port = "0"});
  ASSERT_TRUE(listener.ok()) << error_of(listener);
  for (const std::vector<TcpAddress>& addresses :
       {std::vector{nobody.address(), listener->address()},
        std::vector{nobody.address(), nobody.address(), nobody.address(), listener->address()},
        std::vector{listener->address(), nobody.address()}}) {
    const AddressList list(addresses);
    const auto socket = connect_to_any(list.first(), Deadline::in(milliseconds(800)));
    EXPECT_TRUE(socket.ok()) << addresses.size() << ": " << error_of(socket);
  }
}

// What one does not need is the others': the last has all that is left.
TEST(TcpSockets, WhereNobodyAnswersAllTheTimeIsUsed) {
  const BlackHole nobody;
  constexpr milliseconds kTime{300};
  const AddressList list({nobody.address(), nobody.address(), nobody.address()});
  const auto started = std::chrono::steady_clock::now();
  const auto socket = connect_to_any(list.first(), Deadline::in(kTime));
  const auto took = std::chrono::steady_clock::now() - started;
  ASSERT_FALSE(socket.ok());
  EXPECT_EQ(socket.error().code, ErrorCode::timed_out) << error_of(socket);
  EXPECT_GE(took, kTime);
  EXPECT_LT(took, kPatience);
}

TEST(TcpSockets, APortThatIsTaken) {
  const auto first = TcpListener::open({.host = "127.0.0.1", .port = "0"});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(TcpListener::open(first->address()).error().code, ErrorCode::io);
}

}  // namespace
}  // namespace quoin::channel
