// What the TD's side of the broker knows of epochs (quoin/broker.h), where several threads ask at
// once.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "quoin/broker.h"
#include "src/base/try.h"
#include "src/os/deadline.h"
#include "src/seal/broker_channel.h"
#include "src/seal/broker_messages.h"
#include "src/service/broker_testing.h"

namespace quoin::broker {
namespace {

using testing::HasSubstr;

// A broker whose answers, and their order, the test says.
class ScriptedBroker {
 public:
  ScriptedBroker() {
    options_ = channel::verifying(verifier_);
    options_.key = key_;
  }

  // A question that waits for its answer.
  struct Question {
    AttestedChannel channel;
    Request request;

    void answer(const Bytes& reply) {
      EXPECT_TRUE(channel.write(reply, kPatience).ok());
      EXPECT_TRUE(channel.finish(kPatience).ok());
    }
  };

  Result<Question> next() const {
    if (!anybody_asks(kPatience)) return Error{ErrorCode::timed_out, "nobody asks"};
    channel::Socket socket = TRY(listener_.accept());
    AttestedChannel channel = TRY(AttestedChannel::accept(socket.release(), options_, kTestNow));
    const SecretBytes message =
        TRY(read_message(channel, kMaxRequestBytes, deadline_after(kPatience)));
    Request request = TRY(parse_request(message.view()));
    return Question{.channel = std::move(channel), .request = std::move(request)};
  }

  bool anybody_asks(std::chrono::milliseconds patience) const {
    pollfd polled = {.fd = listener_.fd(), .events = POLLIN, .revents = 0};
    return poll(&polled, 1, static_cast<int>(patience.count())) == 1;
  }

  std::unique_ptr<RootSecretProvider> provider(const TestTd& td) const {
    BrokerOptions options;
    options.address = to_string(listener_.address());
    options.key_sha256 = key_.sha256();
    options.attester = td.attester();
    options.timeout = kPatience;
    options.clock = [] { return kTestNow; };
    return broker_root_secrets(options).value();
  }

 private:
  ChannelKey key_ = ChannelKey::generate().value();
  channel::TestVerifier verifier_;
  ChannelOptions options_;
  channel::TcpListener listener_ =
      channel::TcpListener::open({.host = "127.0.0.1", .port = "0"}).value();
};

// Threads of one TD that ask a scripted broker.
class BrokerEpochs : public testing::Test {
 protected:
  std::future<Result<RootSecret>> ask(std::optional<uint64_t> epoch = {}) {
    return std::async(std::launch::async, [this, epoch] {
      return provider_->root_secret({.policy_id = "app", .epoch = epoch});
    });
  }
  // The next question, which says that the TD has seen that epoch.
  ScriptedBroker::Question question(uint64_t minimum) {
    Result<ScriptedBroker::Question> asked = broker_.next();
    EXPECT_TRUE(asked.ok()) << channel::error_of(asked);
    EXPECT_EQ(asked->request.minimum_epoch, minimum);
    return std::move(asked).value();
  }
  // A whole question and its answer, which is good.
  void learn(uint64_t minimum, uint64_t epoch) {
    auto asking = ask();
    question(minimum).answer(granted(epoch, epoch));
    EXPECT_EQ(asking.get()->epoch, epoch);
  }
  void expect_no_question() const {
    EXPECT_FALSE(broker_.anybody_asks(std::chrono::milliseconds(0)));
  }

  ScriptedBroker broker_;

 private:
  TestTd td_;
  std::unique_ptr<RootSecretProvider> provider_ = broker_.provider(td_);
};

// Two ask; the policy is rotated between the answers, and the second is heard first.
TEST_F(BrokerEpochs, ARotationBetweenTwoAnswersIsNoOldDatabase) {
  for (const std::optional<uint64_t> epoch :
       {std::optional<uint64_t>(), std::optional(uint64_t{4})}) {
    SCOPED_TRACE(epoch.value_or(0));
    const uint64_t before = epoch ? 5 : 0;
    auto slow = ask(epoch);
    ScriptedBroker::Question late = question(before);
    learn(before, before + 5);
    late.answer(granted(epoch.value_or(before + 4), before + 4));
    question(before + 5).answer(granted(epoch.value_or(before + 5), before + 5));
    const Result<RootSecret> root = slow.get();
    ASSERT_TRUE(root.ok()) << root.error().what;
    EXPECT_EQ(root->epoch, epoch.value_or(before + 5)) << "no root of the past is given";
  }
}

TEST_F(BrokerEpochs, WhatWasKnownWhenTheQuestionWasAskedHolds) {
  learn(0, 5);
  auto asking = ask();
  question(5).answer(granted(4, 4));
  const Result<RootSecret> root = asking.get();
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::refused);
  EXPECT_THAT(root.error().hint, HasSubstr("old database"));
  expect_no_question();
}

// Asked once more, the broker has to know what the TD knows by then.
TEST_F(BrokerEpochs, ThePastTwiceIsAnOldDatabase) {
  auto slow = ask();
  ScriptedBroker::Question late = question(0);
  learn(0, 5);
  late.answer(granted(4, 4));
  question(5).answer(granted(4, 4));
  const Result<RootSecret> root = slow.get();
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::refused);
  expect_no_question();
}

TEST_F(BrokerEpochs, ItIsAskedTwiceAndNoMore) {
  auto slow = ask();
  ScriptedBroker::Question late = question(0);
  learn(0, 5);
  late.answer(granted(4, 4));
  ScriptedBroker::Question again = question(5);
  learn(5, 6);
  again.answer(granted(5, 5));
  const Result<RootSecret> root = slow.get();
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code, ErrorCode::timed_out) << root.error().what;
  expect_no_question();
  // What was given in between is still known.
  learn(6, 6);
}

}  // namespace
}  // namespace quoin::broker
