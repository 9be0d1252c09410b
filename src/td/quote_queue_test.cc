#include "src/td/quote_queue.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <latch>
#include <new>
#include <thread>
#include <vector>

#include "src/td/quote_backends.h"
#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

Result<Bytes> one_byte() { return Bytes{1}; }

TEST(QuoteQueue, GivesWhatTheJobGives) {
  QuoteQueue queue(1);
  EXPECT_EQ(queue.run(one_byte, deadline_after(long_enough())).value(), Bytes{1});
  const Result<Bytes> failed =
      queue.run([]() -> Result<Bytes> { return Error{ErrorCode::crypto, "x"}; },
                deadline_after(long_enough()));
  EXPECT_EQ(failed.error().code, ErrorCode::crypto);
}

// A job that waits until it is let go.
struct Gate {
  std::atomic<int> entered = 0;
  std::latch open{1};

  QuoteQueue::Job job(std::shared_ptr<Gate> self) {
    return [self]() -> Result<Bytes> {
      ++self->entered;
      self->open.wait();
      return Bytes{2};
    };
  }
  void wait_until_entered() const {
    while (entered == 0) std::this_thread::yield();
  }
};

TEST(QuoteQueue, ACallerIsNotHeldUpPastTheDeadline) {
  QuoteQueue queue(4);
  const auto gate = std::make_shared<Gate>();
  EXPECT_EQ(queue.run(gate->job(gate), deadline_after(soon())).error().code, ErrorCode::timed_out);
  // The next one waits for the first, which nobody can call back.
  std::atomic<bool> ran = false;
  const QuoteQueue::Job second = [&ran] {
    ran = true;
    return one_byte();
  };
  EXPECT_EQ(queue.run(second, deadline_after(soon())).error().code, ErrorCode::timed_out);
  gate->open.count_down();
  EXPECT_EQ(queue.run(one_byte, deadline_after(long_enough())).value(), Bytes{1});
  EXPECT_FALSE(ran) << "a job whose caller has gone before it began does not run";
}

Result<Bytes> out_of_memory() { throw std::bad_alloc(); }

TEST(QuoteQueue, WhatAJobThrowsIsItsCallers) {
  QuoteQueue queue(1);
  EXPECT_THROW(static_cast<void>(queue.run(out_of_memory, deadline_after(long_enough())).ok()),
               std::bad_alloc);
  EXPECT_EQ(queue.run(one_byte, deadline_after(long_enough())).value(), Bytes{1});
}

TEST(QuoteQueue, WhatAJobThrowsBehindItsDeadlineIsDropped) {
  QuoteQueue queue(4);
  const auto gate = std::make_shared<Gate>();
  const QuoteQueue::Job wait = gate->job(gate);
  const QuoteQueue::Job late = [wait]() -> Result<Bytes> {
    static_cast<void>(wait().ok());
    return out_of_memory();
  };
  EXPECT_EQ(queue.run(late, deadline_after(soon())).error().code, ErrorCode::timed_out);
  gate->open.count_down();
  EXPECT_EQ(queue.run(one_byte, deadline_after(long_enough())).value(), Bytes{1});
}

TEST(QuoteQueue, TooManyAreRefused) {
  QuoteQueue queue(1);
  const auto gate = std::make_shared<Gate>();
  const Deadline deadline = deadline_after(long_enough());
  std::thread first([&] { EXPECT_TRUE(queue.run(gate->job(gate), deadline).ok()); });
  gate->wait_until_entered();
  EXPECT_EQ(queue.run(one_byte, deadline_after(soon())).error().code, ErrorCode::timed_out);
  // The third may be there first.
  std::thread second([&] {
    while (!queue.run(one_byte, deadline).ok()) std::this_thread::yield();
  });
  // It is gone again at once, or the two would keep each other out.
  Result<Bytes> third = Bytes{};
  while (third.ok() || third.error().code == ErrorCode::timed_out) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    third = queue.run(one_byte, Deadline{});
  }
  EXPECT_EQ(third.error().code, ErrorCode::refused);
  gate->open.count_down();
  first.join();
  second.join();
}

TEST(QuoteQueue, OneJobAtATime) {
  QuoteQueue queue(64);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> callers;
  callers.reserve(16);
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&] {
      const auto job = [&]() -> Result<Bytes> {
        most = std::max(most.load(), ++running);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        --running;
        return Bytes{};
      };
      EXPECT_TRUE(queue.run(job, deadline_after(long_enough())).ok());
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(most, 1);
}

TEST(QuoteQueue, MayGoWhileAJobRuns) {
  const auto gate = std::make_shared<Gate>();
  {
    QuoteQueue queue(1);
    EXPECT_FALSE(queue.run(gate->job(gate), deadline_after(soon())).ok());
  }
  gate->open.count_down();
}

QuoteBackend backend(std::string name, Result<Bytes> result, int* asked = nullptr) {
  return {.name = std::move(name), .quote = [=](Deadline) {
            if (asked != nullptr) ++*asked;
            return result;
          }};
}

Result<Bytes> ask(std::vector<QuoteBackend> backends) {
  return first_quote(backends, long_enough(), deadline_after(long_enough()));
}

TEST(FirstQuote, AFailureNamesEachWayAndWhy) {
  const Result<Bytes> quote =
      ask({backend("kernel", Error{ErrorCode::not_found, "is not there", "load it"}),
           backend("service", Error{ErrorCode::io, "is broken", "mend it"})});
  ASSERT_FALSE(quote.ok());
  EXPECT_EQ(quote.error().what, "no quote: kernel: is not there; service: is broken");
  // What is there and broken is what to mend.
  EXPECT_EQ(quote.error().code, ErrorCode::io);
  EXPECT_EQ(quote.error().hint, "mend it");
}

TEST(FirstQuote, WhereNothingIsThereItIsUnsupported) {
  const Result<Bytes> quote =
      ask({backend("kernel", Error{ErrorCode::not_found, "is not there", "load it"}),
           backend("service", Error{ErrorCode::unsupported, "has no address", "name it"})});
  EXPECT_EQ(quote.error().code, ErrorCode::unsupported);
  EXPECT_EQ(quote.error().hint, "load it");
  EXPECT_EQ(ask({}).error().code, ErrorCode::unsupported);
}

TEST(FirstQuote, TheOrderCounts) {
  int asked = 0;
  const Result<Bytes> quote = ask({backend("a", Error{ErrorCode::io, "x"}), backend("b", Bytes{1}),
                                   backend("c", Bytes{2}, &asked)});
  EXPECT_EQ(quote.value(), Bytes{1});
  EXPECT_EQ(asked, 0);
}

TEST(FirstQuote, EachHasItsTimeAndTogetherTheyHaveOne) {
  const Deadline whole = deadline_after(long_enough());
  Deadline seen;
  const QuoteBackend look = {.name = "look", .quote = [&](Deadline deadline) -> Result<Bytes> {
                               seen = deadline;
                               return Bytes{1};
                             }};
  ASSERT_TRUE(first_quote(std::array{look}, soon(), whole).ok());
  EXPECT_LT(seen, whole);
  ASSERT_TRUE(first_quote(std::array{look}, 2 * long_enough(), whole).ok());
  EXPECT_EQ(seen, whole);
  const Result<Bytes> late = first_quote(std::array{look}, soon(), deadline_after(soon() - soon()));
  EXPECT_EQ(late.error().code, ErrorCode::timed_out);
}

// A host that accepts and says nothing is not to be all that was tried.
TEST(FirstQuote, ASilentWayLeavesTheOthersTheirTime) {
  std::vector<Deadline> seen;
  const QuoteBackend look = {.name = "look", .quote = [&](Deadline deadline) -> Result<Bytes> {
                               seen.push_back(deadline);
                               return Error{ErrorCode::timed_out, "is silent"};
                             }};
  const Deadline begin = deadline_after(std::chrono::milliseconds(0));
  const auto whole = long_enough();
  EXPECT_FALSE(first_quote(std::array{look, look, look}, 2 * whole, begin + whole).ok());
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_LT(seen[0], begin + whole / 2);
  EXPECT_LT(seen[1], begin + whole * 3 / 4);
  EXPECT_EQ(seen[2], begin + whole);
  QuoteBackend absent = look;
  absent.is_there = false;
  seen.clear();
  EXPECT_FALSE(first_quote(std::array{absent, look, absent}, 2 * whole, begin + whole).ok());
  EXPECT_EQ(seen.size(), 3u) << "an error names it all the same";
  EXPECT_EQ(seen[1], begin + whole);
}

// It has neither the thread nor, maybe, the mutex.
TEST(QuoteQueue, AForkedProcessIsToldSo) {
  QuoteQueue queue(1);
  ASSERT_TRUE(queue.run(one_byte, deadline_after(long_enough())).ok());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Result<Bytes> quote = queue.run(one_byte, deadline_after(long_enough()));
    _exit(!quote.ok() && quote.error().code == ErrorCode::unsupported ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// Before the first quote there is nothing to lose.
TEST(QuoteQueue, AProcessThatWasForkedBeforeHasItsOwn) {
  QuoteQueue queue(1);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    _exit(queue.run(one_byte, deadline_after(long_enough())).ok() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace quoin::td
