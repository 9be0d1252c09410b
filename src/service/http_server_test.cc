// The server, and our client against it.
#include "src/service/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "src/net/http_client.h"

namespace quoin::service {
namespace {

using net::HttpClient;
using net::HttpOptions;
using net::HttpResponse;
using std::chrono::milliseconds;

HttpReply text_reply(std::string_view text, unsigned status = 200) {
  return {.status = status, .headers = {}, .body = Bytes(text.begin(), text.end())};
}

// A server that answers so, and how often it was asked.
struct Served {
  explicit Served(std::function<HttpReply(size_t number, std::string_view target)> answer)
      : server(HttpServer::start("127.0.0.1:0", [this, answer](std::string_view target) {
                 return answer(asked++, target);
               }).value()) {}

  std::atomic<size_t> asked = 0;
  HttpServer server;
};

struct Asked {
  Result<HttpResponse> response;
  std::vector<milliseconds> waited;
};

Asked ask(const std::string& url, HttpOptions options = {}) {
  Asked asked = {.response = Error{}, .waited = {}};
  options.allow_http_to_loopback = true;
  HttpClient client(options, {.sleep = [&](milliseconds time) { asked.waited.push_back(time); },
                              .random = [] { return uint32_t{0}; }});
  asked.response = client.get(url);
  return asked;
}

ErrorCode refusal(const Asked& asked) {
  EXPECT_FALSE(asked.response.ok());
  return asked.response.ok() ? ErrorCode::internal : asked.response.error().code;
}

TEST(HttpServer, RefusesAddressesThatAreNone) {
  for (const std::string_view listen :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        "localhost:0", "[::1:0", "::1:0", "[127.0.0.1]:0", "[::1]", "127.0.0.1:0 "}) {
    const auto server = HttpServer::start(listen, [](std::string_view) { return HttpReply(); });
    ASSERT_FALSE(server.ok()) << listen;
    EXPECT_EQ(server.error().code, ErrorCode::invalid_argument) << listen;
  }
}

TEST(HttpServer, SaysWhenAPortIsTaken) {
  Served served([](size_t, std::string_view) { return text_reply("x"); });
  const std::string address = served.server.url().substr(7);
  const auto second = HttpServer::start(address, [](std::string_view) { return HttpReply(); });
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::io);
}

// A connection over which the bytes have been sent as they are.
int sent(const std::string& url, std::string_view request) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* generic = &address;
  EXPECT_EQ(connect(fd, static_cast<const sockaddr*>(generic), sizeof(address)), 0);
  static_cast<void>(send(fd, request.data(), request.size(), MSG_NOSIGNAL));
  return fd;
}

// What the server says to that.
std::string raw_answer(const std::string& url, std::string_view request) {
  const int fd = sent(url, request);
  shutdown(fd, SHUT_WR);
  std::string answer(size_t{64} << 10, '\0');
  size_t size = 0;
  for (ssize_t count = 0; (count = recv(fd, answer.data() + size, answer.size() - size, 0)) > 0;) {
    size += static_cast<size_t>(count);
  }
  close(fd);
  return answer.substr(0, size);
}

TEST(HttpServer, AnswersGetAndNothingElse) {
  Served served([](size_t, std::string_view target) { return text_reply(target); });
  const std::string& url = served.server.url();
  EXPECT_NE(raw_answer(url, "GET /a%20b?c=d%3D HTTP/1.1\r\nHost: x\r\n\r\n").find("/a%20b?c=d%3D"),
            std::string::npos);
  for (const std::string method : {"POST", "PUT", "DELETE", "HEAD", "OPTIONS"}) {
    const std::string answer =
        raw_answer(url, method + " / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 405")) << method << ": " << answer;
  }
  EXPECT_EQ(served.asked, 1u);
}

TEST(HttpServer, SurvivesRubbish) {
  Served served([](size_t, std::string_view) { return text_reply("alive"); });
  const std::string& url = served.server.url();
  for (const std::string& rubbish :
       {std::string("\r\n\r\n\r\n"), std::string("GET\r\n\r\n"), std::string(100'000, 'A'),
        std::string("GET / HTTP/1.1\r\n") + std::string(1'000'000, 'a') + ": b\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
        std::string("\0\0\0\0", 4)}) {
    close(sent(url, rubbish));
  }
  EXPECT_TRUE(ask(url + "/").response.ok());
}

TEST(HttpClient, GivesStatusHeadersAndBody) {
  Served served([](size_t, std::string_view target) {
    HttpReply reply = text_reply(target, 404);
    reply.headers = {{"X-Name", "  a value "}, {"Twice", "1"}, {"Twice", "2"}};
    return reply;
  });
  const Asked asked = ask(served.server.url() + "/path?a=%2B");
  ASSERT_TRUE(asked.response.ok()) << asked.response.error().what;
  EXPECT_EQ(asked.response->status, 404u);
  EXPECT_EQ(as_text(asked.response->body), "/path?a=%2B");
  ASSERT_NE(asked.response->header("x-name"), nullptr);
  EXPECT_EQ(*asked.response->header("x-name"), "a value");
  EXPECT_EQ(asked.response->header("twice"), nullptr);
}

TEST(HttpClient, StopsAtItsLimits) {
  Served body([](size_t, std::string_view) { return text_reply(std::string(1001, 'x')); });
  EXPECT_EQ(refusal(ask(body.server.url(), {.max_body_bytes = 1000})), ErrorCode::too_large);
  EXPECT_TRUE(ask(body.server.url(), {.max_body_bytes = 1001}).response.ok());
  EXPECT_EQ(body.asked, 2u);

  Served headers([](size_t, std::string_view) {
    HttpReply reply = text_reply("x");
    reply.headers = {{"Padding", std::string(2000, 'x')}};
    return reply;
  });
  EXPECT_EQ(refusal(ask(headers.server.url(), {.max_header_bytes = 2000})), ErrorCode::too_large);
  EXPECT_TRUE(ask(headers.server.url(), {.max_header_bytes = 3000}).response.ok());

  // Over libcurl's own limit for a line.
  Served line([](size_t, std::string_view) {
    HttpReply reply = text_reply("x");
    reply.headers = {{"Padding", std::string(150'000, 'x')}};
    return reply;
  });
  EXPECT_EQ(refusal(ask(line.server.url(), {.max_header_bytes = size_t{1} << 20})),
            ErrorCode::too_large);
}

// Says nothing of its size and does not end.
TEST(HttpClient, StopsAtItsLimitWhateverTheServerSaysOfTheSize) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const void* generic = &address;
  ASSERT_EQ(bind(listener, static_cast<const sockaddr*>(generic), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  socklen_t size = sizeof(address);
  void* out = &address;
  ASSERT_EQ(getsockname(listener, static_cast<sockaddr*>(out), &size), 0);
  std::thread server([listener] {
    const int fd = accept(listener, nullptr, nullptr);
    const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
    ssize_t sent = send(fd, head.data(), head.size(), MSG_NOSIGNAL);
    const std::string piece(4096, 'x');
    while (sent > 0) sent = send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
    close(fd);
  });
  const Asked asked = ask("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)),
                          {.max_body_bytes = 100'000});
  EXPECT_EQ(refusal(asked), ErrorCode::too_large);
  server.join();
  close(listener);
}

TEST(HttpClient, DoesNotWaitForEver) {
  Served served([](size_t, std::string_view) {
    HttpReply reply = text_reply("late");
    reply.delay = milliseconds(1500);
    return reply;
  });
  const auto start = std::chrono::steady_clock::now();
  const Asked asked =
      ask(served.server.url(), {.total_timeout = milliseconds(200), .retries = {.attempts = 2}});
  EXPECT_EQ(refusal(asked), ErrorCode::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1400));
  EXPECT_EQ(asked.waited.size(), 1u);
  EXPECT_NE(asked.response.error().what.find("after 2 attempts"), std::string::npos);
}

TEST(HttpClient, SaysWhenAnAnswerIsCutOff) {
  Served served([](size_t, std::string_view) {
    HttpReply reply = text_reply("half of");
    reply.cut_off = true;
    return reply;
  });
  const Asked asked = ask(served.server.url(), {.retries = {.attempts = 2}});
  EXPECT_EQ(refusal(asked), ErrorCode::truncated);
  EXPECT_EQ(served.asked, 2u);
}

TEST(HttpClient, DoesNotFollowRedirects) {
  Served there([](size_t, std::string_view) { return text_reply("there"); });
  for (const unsigned status : {301u, 302u, 303u, 307u, 308u}) {
    Served here([&](size_t, std::string_view) {
      HttpReply reply = text_reply("", status);
      reply.headers = {{"Location", there.server.url()}};
      return reply;
    });
    EXPECT_EQ(refusal(ask(here.server.url())), ErrorCode::refused);
    EXPECT_EQ(here.asked, 1u);
  }
  EXPECT_EQ(there.asked, 0u);
}

TEST(HttpClient, AsksABusyServerAgain) {
  for (const unsigned status : {429u, 500u, 502u, 503u, 504u}) {
    Served served([&](size_t number, std::string_view) {
      return number < 2 ? text_reply("", status) : text_reply("now");
    });
    const Asked asked = ask(served.server.url(), {.retries = {.attempts = 3}});
    ASSERT_TRUE(asked.response.ok()) << asked.response.error().what;
    EXPECT_EQ(as_text(asked.response->body), "now");
    EXPECT_EQ(asked.waited, (std::vector{milliseconds(250), milliseconds(500)}));
  }
}

TEST(HttpClient, GivesUpInTheEnd) {
  Served served([](size_t, std::string_view) {
    HttpReply reply = text_reply("why", 503);
    reply.headers = {{"Error-Code", "NotNow"}};
    return reply;
  });
  const Asked asked = ask(served.server.url(), {.retries = {.attempts = 4}});
  EXPECT_EQ(served.asked, 4u);
  ASSERT_TRUE(asked.response.ok()) << asked.response.error().what;
  EXPECT_EQ(asked.response->status, 503u);
  EXPECT_EQ(asked.response->attempts, 4u);
  EXPECT_EQ(*asked.response->header("error-code"), "NotNow");
  EXPECT_EQ(as_text(asked.response->body), "why");
}

TEST(HttpClient, DoesNotAskAgainWhereThatDoesNotHelp) {
  for (const unsigned status : {200u, 400u, 401u, 403u, 404u, 501u}) {
    Served served([&](size_t, std::string_view) { return text_reply("", status); });
    const Asked asked = ask(served.server.url());
    ASSERT_TRUE(asked.response.ok());
    EXPECT_EQ(asked.response->status, status);
    EXPECT_EQ(served.asked, 1u);
  }
}

TEST(HttpClient, WaitsAsLongAsTheServerAsksButNotForHours) {
  std::string wanted = "2";
  Served served([&](size_t, std::string_view) {
    HttpReply reply = text_reply("", 429);
    reply.headers = {{"Retry-After", wanted}};
    return reply;
  });
  const Asked asked = ask(served.server.url(), {.retries = {.attempts = 2}});
  EXPECT_EQ(asked.response.value().status, 429u);
  EXPECT_EQ(asked.waited, std::vector{milliseconds(2000)});
  wanted = "3600";
  const Asked hours = ask(served.server.url(), {.retries = {.attempts = 2}});
  EXPECT_EQ(hours.response.value().status, 429u);
  EXPECT_TRUE(hours.waited.empty());
}

TEST(HttpClient, TakesNothingFromTheEnvironment) {
  Served served([](size_t, std::string_view) { return text_reply("direct"); });
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"}) {
    setenv(name, "http://127.0.0.1:1", 1);
  }
  const Asked asked = ask(served.server.url());
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"}) {
    unsetenv(name);
  }
  ASSERT_TRUE(asked.response.ok()) << asked.response.error().what;
  EXPECT_EQ(as_text(asked.response->body), "direct");
}

TEST(HttpClient, DoesNotTakeAServerWithoutTlsForOne) {
  Served served([](size_t, std::string_view) { return text_reply("plain"); });
  const Asked asked = ask("https" + served.server.url().substr(4));
  EXPECT_EQ(refusal(asked), ErrorCode::refused);
}

}  // namespace
}  // namespace quoin::service
