#include "src/seal/broker_messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace quoin::broker {
namespace {

ByteView body_of(ByteView message) { return message.subspan(kSizeBytes); }

Request make_request() { return {.policy_id = "production", .epoch = 3, .minimum_epoch = 2}; }

Reply make_grant() {
  Reply reply = {.answer = Answer::granted, .decision = 77, .grant = Grant()};
  reply.grant->epoch = 3;
  reply.grant->current_epoch = 4;
  std::ranges::fill(reply.grant->secret.mutable_view(), uint8_t{9});
  return reply;
}

TEST(BrokerRequest, OtherBytesAreRefused) {
  const Bytes good = write_request(make_request());
  struct Case {
    const char* what;
    ErrorCode code;
    void (*change)(Bytes& body);
  };
  const Case cases[] = {
      {"empty", ErrorCode::truncated, [](Bytes& b) { b.clear(); }},
      {"cut", ErrorCode::truncated, [](Bytes& b) { b.pop_back(); }},
      {"longer", ErrorCode::trailing_bytes, [](Bytes& b) { b.push_back('x'); }},
      {"another version", ErrorCode::unsupported, [](Bytes& b) { b[0] = 2; }},
      {"neither with an epoch nor without", ErrorCode::malformed, [](Bytes& b) { b[1] = 2; }},
      {"no epoch, and yet one", ErrorCode::malformed, [](Bytes& b) { b[1] = 0; }},
      {"epoch 0", ErrorCode::malformed, [](Bytes& b) { b[2] = 0; }},
      {"a path", ErrorCode::malformed, [](Bytes& b) { b[20] = '/'; }},
      {"no name", ErrorCode::malformed,
       [](Bytes& b) {
         b[18] = 0;
         b.resize(19);
       }},
  };
  for (const Case& test : cases) {
    Bytes body(body_of(good).begin(), body_of(good).end());
    test.change(body);
    const Result<Request> parsed = parse_request(body);
    ASSERT_FALSE(parsed.ok()) << test.what;
    EXPECT_EQ(parsed.error().code, test.code) << test.what << ": " << parsed.error().what;
  }
}

TEST(BrokerRequest, SaysWhatWasAsked) {
  Request request = make_request();
  request.policy_id = std::string(128, 'p');
  const Bytes written = write_request(request);
  EXPECT_EQ(written.size(), kSizeBytes + kMaxRequestBytes);
  EXPECT_EQ(parse_size(ByteView(written).first(kSizeBytes), kMaxRequestBytes).value(),
            kMaxRequestBytes);
  const Request parsed = parse_request(body_of(written)).value();
  EXPECT_EQ(parsed.policy_id, request.policy_id);
  EXPECT_EQ(parsed.epoch, request.epoch);
  EXPECT_EQ(parsed.minimum_epoch, 2);
  request.epoch.reset();
  EXPECT_FALSE(parse_request(body_of(write_request(request))).value().epoch);
}

TEST(BrokerMessage, SizesHaveBounds) {
  EXPECT_EQ(parse_size(Bytes{0, 0}, 10).error().code, ErrorCode::malformed);
  EXPECT_EQ(parse_size(Bytes{11, 0}, 10).error().code, ErrorCode::too_large);
  EXPECT_EQ(parse_size(Bytes{1}, 10).error().code, ErrorCode::truncated);
  EXPECT_EQ(parse_size(Bytes{1, 0, 0}, 10).error().code, ErrorCode::trailing_bytes);
  EXPECT_EQ(parse_size(Bytes{10, 0}, 10).value(), 10);
}

TEST(BrokerReply, OtherBytesAreRefused) {
  const SecretBytes good = write_reply(make_grant());
  struct Case {
    const char* what;
    ErrorCode code;
    void (*change)(Bytes& body);
  };
  const Case cases[] = {
      {"cut", ErrorCode::truncated, [](Bytes& b) { b.pop_back(); }},
      {"longer", ErrorCode::trailing_bytes, [](Bytes& b) { b.push_back(0); }},
      {"another version", ErrorCode::unsupported, [](Bytes& b) { b[0] = 0; }},
      {"no such answer", ErrorCode::malformed, [](Bytes& b) { b[1] = 6; }},
      {"refused, and yet a secret", ErrorCode::trailing_bytes, [](Bytes& b) { b[1] = 1; }},
      {"epoch 0", ErrorCode::malformed, [](Bytes& b) { b[10] = 0; }},
      {"an epoch to come", ErrorCode::malformed, [](Bytes& b) { b[10] = 5; }},
      {"zeros", ErrorCode::malformed,
       [](Bytes& b) { std::fill(b.begin() + 26, b.end(), uint8_t{0}); }},
  };
  for (const Case& test : cases) {
    Bytes body(body_of(good.view()).begin(), body_of(good.view()).end());
    test.change(body);
    const Result<Reply> parsed = parse_reply(body);
    ASSERT_FALSE(parsed.ok()) << test.what;
    EXPECT_EQ(parsed.error().code, test.code) << test.what << ": " << parsed.error().what;
  }
}

TEST(BrokerReply, SaysWhatWasAnswered) {
  const SecretBytes written = write_reply(make_grant());
  EXPECT_EQ(written.size(), kSizeBytes + kMaxReplyBytes);
  const Reply parsed = parse_reply(body_of(written.view())).value();
  EXPECT_EQ(parsed.answer, Answer::granted);
  EXPECT_EQ(parsed.decision, 77);
  EXPECT_EQ(parsed.grant->epoch, 3);
  EXPECT_EQ(parsed.grant->current_epoch, 4);
  EXPECT_TRUE(equal(parsed.grant->secret.view(), Bytes(32, 9)));
  for (const Answer answer : {Answer::refused, Answer::no_such_epoch, Answer::epoch_is_too_low,
                              Answer::too_many_questions, Answer::failed}) {
    const SecretBytes refusal = write_reply({.answer = answer, .decision = 1, .grant = {}});
    const Reply reply = parse_reply(body_of(refusal.view())).value();
    EXPECT_EQ(reply.answer, answer);
    EXPECT_FALSE(reply.grant);
    EXPECT_FALSE(to_string(answer).empty());
  }
}

}  // namespace
}  // namespace quoin::broker
