// What the client refuses before anything is sent. How it behaves towards servers is in
// src/service/http_server_test.cc, where there is one.
#include "src/net/http_client.h"

#include <gtest/gtest.h>

namespace quoin::net {
namespace {

Waiting no_waiting() {
  return {.sleep = [](std::chrono::milliseconds) { ADD_FAILURE() << "waits"; },
          .random = [] { return uint32_t{0}; }};
}

HttpClient client(bool allow_http_to_loopback) {
  return HttpClient({.allow_http_to_loopback = allow_http_to_loopback}, no_waiting());
}

TEST(HttpClient, RefusesAddressesThatAreNotHttps) {
  for (const char* url : {"http://127.0.0.1:1/", "http://example.com/", "ftp://127.0.0.1/",
                          "file:///etc/passwd", "gopher://127.0.0.1:1/", "127.0.0.1:1", "",
                          "https://", "https:///", "https://a b/", "javascript:0"}) {
    const Result<HttpResponse> response = client(false).get(url);
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_FALSE(response.error().hint.empty());
  }
}

TEST(HttpClient, SpeaksPlainHttpToThisMachineOnlyAndOnlyWhenTold) {
  for (const char* url :
       {"http://example.com/", "http://10.0.0.1/", "http://128.0.0.1/", "http://0.0.0.0/",
        "http://[::2]/", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
        "http://[fe80::1]/", "http://2130706434.example/", "file:///etc/passwd"}) {
    const Result<HttpResponse> response = client(true).get(url);
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().code, ErrorCode::invalid_argument) << url;
  }
}

TEST(HttpClient, RefusesPasswordsInAddressesAndDoesNotRepeatThem) {
  for (const char* url : {"https://user:secret@127.0.0.1:1/", "https://secret@127.0.0.1:1/",
                          "http://127.0.0.1:secret@127.0.0.1:1/",
                          "https://user:secret@127.0.0.1:99999/", "https://user:secret@/"}) {
    const Result<HttpResponse> response = client(true).get(url);
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_EQ(response.error().what.find("secret"), std::string::npos) << response.error().what;
  }
}

// Port 1 of this machine: nobody listens there, and being turned away is no reason to ask again.
TEST(HttpClient, SaysWhereItCannotConnect) {
  for (const char* url : {"http://127.0.0.1:1/", "http://127.1.2.3:1/", "https://127.0.0.1:1/"}) {
    const Result<HttpResponse> response = client(true).get(url);
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().code, ErrorCode::io) << url;
    EXPECT_NE(response.error().what.find("127."), std::string::npos) << response.error().what;
    EXPECT_NE(response.error().what.find("cannot connect"), std::string::npos);
  }
}

}  // namespace
}  // namespace quoin::net
