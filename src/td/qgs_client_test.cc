#include "src/td/qgs_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#include "src/os/io.h"
#include "src/os/unique_fd.h"
#include "src/td/qgs_message.h"
#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

union SocketAddress {
  sockaddr_storage storage;
  sockaddr any;
  sockaddr_in ipv4;
  sockaddr_un local;
  sockaddr_vm vsock;
};

SocketAddress vsock_loopback() {
  SocketAddress address = {};
  address.vsock.svm_family = AF_VSOCK;
  address.vsock.svm_cid = VMADDR_CID_LOCAL;
  address.vsock.svm_port = VMADDR_PORT_ANY;
  return address;
}

// Why this machine cannot speak vsock with itself; empty where it can. Needs the kernel's
// CONFIG_VSOCKETS_LOOPBACK, which may be a module that nobody loaded.
std::string why_no_vsock_loopback() {
  const std::string why_not = "NOT TESTED: QGS over vsock, which needs the module vsock_loopback";
  const UniqueFd probe(socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe.valid()) return errno == EAFNOSUPPORT ? why_not : "";
  const SocketAddress address = vsock_loopback();
  const bool is_there = bind(probe.get(), &address.any, sizeof(address.vsock)) == 0;
  return !is_there && errno == EADDRNOTAVAIL ? why_not : "";
}

// A service that answers one connection as a test says.
class Service {
 public:
  // Gets what came, and returns what to send before it hangs up.
  using Answer = std::function<Bytes(const Bytes& request)>;

  Service(const std::string& unix_path, Answer answer)
      : socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), address_("unix:" + unix_path) {
    unlink(unix_path.c_str());
    SocketAddress address = {};
    address.local.sun_family = AF_UNIX;
    std::memcpy(address.local.sun_path, unix_path.data(), unix_path.size());
    EXPECT_EQ(bind(socket_.get(), &address.any, sizeof(address.local)), 0);
    serve(std::move(answer));
  }
  explicit Service(Answer answer) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SocketAddress address = {};
    address.ipv4.sin_family = AF_INET;
    address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address.ipv4);
    EXPECT_EQ(bind(socket_.get(), &address.any, size), 0);
    EXPECT_EQ(getsockname(socket_.get(), &address.any, &size), 0);
    address_ = "tcp:127.0.0.1:" + std::to_string(ntohs(address.ipv4.sin_port));
    serve(std::move(answer));
  }
  struct OverVsock {};
  Service(OverVsock, Answer answer) : socket_(socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SocketAddress address = vsock_loopback();
    socklen_t size = sizeof(address.vsock);
    EXPECT_EQ(bind(socket_.get(), &address.any, size), 0) << std::strerror(errno);
    EXPECT_EQ(getsockname(socket_.get(), &address.any, &size), 0);
    address_ = "vsock:1:" + std::to_string(address.vsock.svm_port);
    serve(std::move(answer));
  }
  ~Service() {
    shutdown(socket_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }

  QgsAddress address() const { return parse_qgs_address(address_).value(); }

 private:
  void serve(Answer answer) {
    EXPECT_EQ(listen(socket_.get(), 1), 0);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const UniqueFd peer(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer.valid()) return;
      ByteArray<kQgsLengthBytes> length{};
      if (recv(peer.get(), length.data(), length.size(), MSG_WAITALL) != 4) return;
      Bytes request(parse_length(length).value());
      if (recv(peer.get(), request.data(), request.size(), MSG_WAITALL) < 0) return;
      const Bytes reply = answer(request);
      // In pieces, as a network may hand them over.
      for (size_t sent = 0; sent < reply.size(); sent += 1000) {
        const ByteView rest = ByteView(reply).subspan(sent);
        const size_t size = std::min<size_t>(1000, rest.size());
        if (send(peer.get(), rest.data(), size, MSG_NOSIGNAL) < 0) return;
      }
    });
  }

  UniqueFd socket_;
  std::string address_;
  std::thread thread_;
};

Bytes reply(ByteView quote, uint32_t error = 0) {
  return with_length(write_message(QgsQuoteResponse{.error_code = error, .quote = quote}));
}

// What the service of this machine would say.
Bytes honest(const Bytes& request) {
  const QgsQuoteRequest asked = parse_quote_request(request).value();
  return reply(TestMachine().quote_of(asked.report));
}

class QgsClient : public WithDirectory {
 protected:
  Result<Bytes> ask(const Service& service, std::chrono::milliseconds time = long_enough()) const {
    Result<Bytes> quote = quote_by_qgs(service.address(), report_, deadline_after(time));
    EXPECT_TRUE(quote.ok() || !quote.error().hint.empty()) << quote.error().what;
    return quote;
  }
  // What comes of an answer.
  Result<Bytes> ask(Service::Answer answer) const {
    const Service service(path("qgs"), std::move(answer));
    return ask(service);
  }

  Bytes report_ = TestMachine().report(sample_report_data());
};

TEST_F(QgsClient, NobodyThereIsNotFound) {
  for (const std::string& address : {"unix:" + path("none"), std::string("tcp:127.0.0.1:1")}) {
    const Result<Bytes> quote =
        quote_by_qgs(parse_qgs_address(address).value(), report_, deadline_after(long_enough()));
    ASSERT_FALSE(quote.ok());
    EXPECT_EQ(quote.error().code, ErrorCode::not_found) << quote.error().what;
    EXPECT_NE(quote.error().what.find(address), std::string::npos) << quote.error().what;
    EXPECT_FALSE(quote.error().hint.empty());
  }
}

TEST_F(QgsClient, AHostThatSaysNothingIsLeftAtTheDeadline) {
  const Service service(path("qgs"), [](const Bytes&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return Bytes();
  });
  EXPECT_EQ(ask(service, soon()).error().code, ErrorCode::timed_out);
}

TEST_F(QgsClient, AHostThatStopsInTheMiddleIsLeftAtTheDeadline) {
  const Service service(path("qgs"), [](const Bytes& request) {
    Bytes answer = honest(request);
    answer.resize(2000);
    return answer;
  });
  EXPECT_EQ(ask(service).error().code, ErrorCode::io);  // it hangs up
}

TEST_F(QgsClient, AServiceThatTakesNobodyIsLeftAtTheDeadline) {
  const std::string at = path("full");
  SocketAddress address = {};
  address.local.sun_family = AF_UNIX;
  std::memcpy(address.local.sun_path, at.data(), at.size());
  const UniqueFd listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(listening.get(), &address.any, sizeof(address.local)), 0);
  ASSERT_EQ(listen(listening.get(), 0), 0);
  std::vector<UniqueFd> waiting;
  do {
    waiting.emplace_back(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  } while (connect(waiting.back().get(), &address.any, sizeof(address.local)) == 0);
  ASSERT_EQ(errno, EAGAIN);
  const Result<Bytes> quote = quote_by_qgs(UnixAddress{at}, report_, deadline_after(soon()));
  ASSERT_FALSE(quote.ok());
  EXPECT_EQ(quote.error().code, ErrorCode::timed_out);
  EXPECT_FALSE(quote.error().hint.empty());
}

TEST_F(QgsClient, AConnectionThatEndsWithoutAnAnswerSaysWhereToLook) {
  const Result<Bytes> quote = ask([](const Bytes&) { return Bytes(); });
  EXPECT_EQ(quote.error().code, ErrorCode::io);
  EXPECT_NE(quote.error().hint.find("qgsd"), std::string::npos);
}

TEST_F(QgsClient, ALengthOverTheLimitIsNotRead) {
  EXPECT_EQ(ask([](const Bytes&) { return Bytes{0xff, 0xff, 0xff, 0xff}; }).error().code,
            ErrorCode::too_large);
  EXPECT_EQ(ask([](const Bytes&) { return Bytes{0, 0, 0, 1, 0}; }).error().code,
            ErrorCode::malformed);
}

TEST_F(QgsClient, TheServicesErrorIsToldInWords) {
  const Result<Bytes> quote = ask([](const Bytes&) { return reply({}, 0x11011); });
  EXPECT_EQ(quote.error().code, ErrorCode::io);
  EXPECT_NE(quote.error().what.find("NO_PLATFORM_CERT_DATA"), std::string::npos);
}

TEST_F(QgsClient, AQuoteOfAnotherReportIsRefused) {
  const Result<Bytes> quote =
      ask([](const Bytes&) { return reply(TestMachine().quote(sample_report_data(9))); });
  EXPECT_EQ(quote.error().code, ErrorCode::refused);
}

TEST_F(QgsClient, WhatIsNoQuoteIsAnError) {
  EXPECT_FALSE(ask([](const Bytes&) { return reply(Bytes(5000, 4)); }).ok());
}

TEST_F(QgsClient, AMessageThatIsNoAnswerIsAnError) {
  EXPECT_EQ(ask([](const Bytes& request) { return with_length(request); }).error().code,
            ErrorCode::unsupported);
}

TEST_F(QgsClient, QuotesThatVeryReport) {
  Bytes asked;
  const Service service(path("qgs"), [&](const Bytes& request) {
    asked = request;
    return honest(request);
  });
  EXPECT_EQ(ask(service).value(), TestMachine().quote_of(report_));
  // Header, both sizes, the report, no ids.
  EXPECT_EQ(asked.size(), 24 + kTdReportBytes);
  EXPECT_TRUE(equal(ByteView(asked).subspan(24), report_));
}

TEST_F(QgsClient, SpeaksOverTcp) {
  const Service service(honest);
  EXPECT_EQ(ask(service).value(), TestMachine().quote_of(report_));
}

// As a TD asks its host; here the host is this machine.
TEST_F(QgsClient, SpeaksOverVsock) {
  if (const std::string why = why_no_vsock_loopback(); !why.empty()) GTEST_SKIP() << why;
  const Service service(Service::OverVsock{}, honest);
  const Result<Bytes> quote = ask(service);
  ASSERT_TRUE(quote.ok()) << quote.error().what;
  EXPECT_EQ(*quote, TestMachine().quote_of(report_));
}

}  // namespace
}  // namespace quoin::td
