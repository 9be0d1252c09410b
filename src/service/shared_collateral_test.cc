#include "src/service/shared_collateral.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "src/pcs/bundle.h"
#include "src/simulator/platform.h"
#include "src/simulator/samples_testing.h"

namespace quoin::broker {
namespace {

using simulator::kIssued;
using simulator::test_seed;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// What a test waits at most for something that happens.
constexpr seconds kPatience{20};
// What a test waits to see that something does not happen.
constexpr milliseconds kMoment{50};

// A quote of a platform with that number in its FMSPC, and its bytes.
class TestQuote {
 public:
  explicit TestQuote(uint8_t number, simulator::PckCa ca = simulator::PckCa::platform,
                     TeeType tee_type = TeeType::tdx) {
    auto settings = simulator::default_settings(test_seed(1), kIssued, ca);
    settings.pki.pck.sgx_extension->fmspc[5] = number;
    const simulator::Platform platform(test_seed(1), std::move(settings));
    const bool is_td = tee_type == TeeType::tdx;
    const simulator::QuoteBody body =
        is_td ? simulator::QuoteBody(TdReport10())
              : simulator::QuoteBody(
                    simulator::default_enclave_report(simulator::test_report_data()));
    bytes_ = simulator::write_quote(platform.seed(), platform.quote_parts(body, 4));
    quote_.emplace(parse_quote(bytes_).value());
  }

  const Quote& operator*() const { return *quote_; }

 private:
  Bytes bytes_;
  std::optional<Quote> quote_;
};

class SharedCollateralTest : public testing::Test {
 protected:
  SharedCollateralTest() {
    settings_.patience = kPatience;
    settings_.clock = [this] { return time_.load(); };
    settings_.date = [this] { return date_.load(); };
  }

  void start() {
    shared_.emplace([this](const Quote& quote) { return fetch(quote); }, settings_);
  }

  Result<PreparedCollateral> fetch(const Quote& quote) {
    const pcs::CollateralRequest request = pcs::request_for(quote).value();
    const uint8_t number = request.fmspc[5];
    ++fetches_;
    if (number == hangs_) {
      ++hanging_;
      opened_.wait_for(kPatience);
    }
    if (throws_) throw std::bad_alloc();
    if (number == fails_) return Error{ErrorCode::io, "no service"};
    return PreparedCollateral(Collateral::parse(bundle_).value());
  }

  std::future<Result<PreparedCollateral>> ask(const TestQuote& quote) {
    return std::async(std::launch::async, [this, &quote] { return shared_->get(*quote); });
  }
  void wait_until_hanging() {
    for (int i = 0; i < 2000 && hanging_ == 0; ++i) std::this_thread::sleep_for(milliseconds(10));
    ASSERT_EQ(hanging_, 1);
  }
  // What hangs goes on. Once in a test.
  void open() { open_.set_value(); }

  // How often the source is asked meanwhile.
  int fetches_for(const TestQuote& quote, ErrorCode* code = nullptr) {
    const int before = fetches_;
    const auto got = shared_->get(*quote);
    if (code != nullptr && !got.ok()) *code = got.error().code;
    return fetches_ - before;
  }
  void pass(std::chrono::steady_clock::duration time) { time_ = time_.load() + time; }

  const Bytes bundle_ = simulator::Platform(test_seed(1), kIssued).collateral_bundle();
  SharedCollateralSettings settings_;
  std::atomic<std::chrono::steady_clock::time_point> time_;
  std::atomic<UtcTime> date_{kIssued};
  std::atomic<int> fetches_ = 0;
  std::atomic<int> hanging_ = 0;
  std::atomic<int> hangs_ = -1;
  std::atomic<int> fails_ = -1;
  std::atomic<bool> throws_ = false;
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future();
  // The last member: what it asks is above.
  std::optional<SharedCollateral> shared_;
};

TEST_F(SharedCollateralTest, OneFetchThatHangsHoldsUpNoOtherPlatform) {
  const TestQuote kept(1);
  const TestQuote slow(2);
  const TestQuote fresh(3);
  start();
  ASSERT_TRUE(shared_->get(*kept).ok());
  hangs_ = 2;
  auto hanging = ask(slow);
  wait_until_hanging();
  auto hit = ask(kept);
  auto other_fetch = ask(fresh);
  EXPECT_EQ(hit.wait_for(seconds(5)), std::future_status::ready);
  EXPECT_EQ(other_fetch.wait_for(seconds(5)), std::future_status::ready);
  EXPECT_EQ(hanging.wait_for(milliseconds(0)), std::future_status::timeout);
  open();
  EXPECT_TRUE(hit.get().ok());
  EXPECT_TRUE(other_fetch.get().ok());
  EXPECT_TRUE(hanging.get().ok());
  EXPECT_EQ(fetches_, 3);
}

TEST_F(SharedCollateralTest, TwoWhoAskForOnePlatformMakeOneFetch) {
  const TestQuote quote(1);
  hangs_ = 1;
  start();
  auto first = ask(quote);
  wait_until_hanging();
  auto second = ask(quote);
  EXPECT_EQ(second.wait_for(kMoment), std::future_status::timeout);
  open();
  // The same, not only one that says the same.
  const auto a = first.get();
  const auto b = second.get();
  EXPECT_EQ(&a.value().collateral(), &b.value().collateral());
  EXPECT_EQ(fetches_, 1);
}

TEST_F(SharedCollateralTest, WhoWaitsHearsOfAFailure) {
  const TestQuote quote(1);
  hangs_ = 1;
  fails_ = 1;
  start();
  auto first = ask(quote);
  wait_until_hanging();
  auto second = ask(quote);
  EXPECT_EQ(second.wait_for(kMoment), std::future_status::timeout);
  open();
  EXPECT_EQ(first.get().error().code, ErrorCode::io);
  EXPECT_EQ(second.get().error().code, ErrorCode::io);
  EXPECT_EQ(fetches_, 1);
}

TEST_F(SharedCollateralTest, WhoWaitsGivesUpAndTheFetchGoesOn) {
  const TestQuote quote(1);
  hangs_ = 1;
  settings_.patience = milliseconds(20);
  start();
  auto first = ask(quote);
  wait_until_hanging();
  auto second = ask(quote);
  ASSERT_EQ(second.wait_for(seconds(5)), std::future_status::ready);
  const auto late = second.get();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, ErrorCode::timed_out);
  EXPECT_NE(late.error().what.find("20 ms"), std::string::npos);
  EXPECT_FALSE(late.error().hint.empty());
  open();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(shared_->get(*quote).ok());
  EXPECT_EQ(fetches_, 1);
}

// A fleet of one model of platforms is not upgraded all at once.
TEST_F(SharedCollateralTest, WhatDoesNotServeAQuoteIsAskedForAnewOnceItIsAMinuteOld) {
  const TestQuote quote(1);
  std::atomic<int> looks = 0;
  std::atomic<bool> serves = false;
  settings_.serves = [&](const Quote&, const PreparedCollateral&) {
    ++looks;
    return serves.load();
  };
  start();
  EXPECT_EQ(fetches_for(quote), 1);
  pass(seconds(59));
  EXPECT_EQ(fetches_for(quote), 0) << "some quotes nothing mends";
  EXPECT_EQ(looks, 0);
  pass(seconds(1));
  EXPECT_EQ(fetches_for(quote), 1);
  EXPECT_EQ(fetches_for(quote), 0) << "it has just come";
  serves = true;
  pass(minutes(2));
  EXPECT_EQ(fetches_for(quote), 0);
  EXPECT_EQ(looks, 2);
  // A failure serves nobody, and is kept all the same.
  serves = false;
  fails_ = 1;
  EXPECT_EQ(fetches_for(quote), 1);
  EXPECT_EQ(fetches_for(quote), 0);
}

// What is kept ends with its nextUpdate; what comes without another is asked for as failures are.
TEST_F(SharedCollateralTest, WhatNoLongerHoldsIsAskedForAgain) {
  const TestQuote quote(1);
  const UtcTime end = pcs::next_update(Collateral::parse(bundle_).value());
  start();
  ASSERT_EQ(fetches_for(quote), 1);
  date_ = end;
  pass(minutes(9));
  EXPECT_EQ(fetches_for(quote), 0);
  date_ = end + seconds(1);
  EXPECT_EQ(fetches_for(quote), 1);
  pass(seconds(15) - milliseconds(1));
  EXPECT_EQ(fetches_for(quote), 0);
  pass(milliseconds(1));
  EXPECT_EQ(fetches_for(quote), 1);
}

// What a source throws ends the fetch for everybody.
TEST_F(SharedCollateralTest, WhatThrowsIsNotWaitedForAndNotKept) {
  const TestQuote quote(1);
  hangs_ = 1;
  throws_ = true;
  start();
  auto first = ask(quote);
  wait_until_hanging();
  auto second = ask(quote);
  EXPECT_EQ(second.wait_for(kMoment), std::future_status::timeout);
  open();
  EXPECT_THROW(static_cast<void>(first.get().ok()), std::bad_alloc);
  ASSERT_EQ(second.wait_for(seconds(5)), std::future_status::ready);
  EXPECT_EQ(second.get().error().code, ErrorCode::internal);
  hangs_ = -1;
  throws_ = false;
  EXPECT_TRUE(shared_->get(*quote).ok());
  EXPECT_EQ(fetches_, 2);
}

TEST_F(SharedCollateralTest, ASuccessIsKeptForTenMinutes) {
  const TestQuote quote(1);
  start();
  EXPECT_EQ(fetches_for(quote), 1);
  pass(minutes(10) - milliseconds(1));
  EXPECT_EQ(fetches_for(quote), 0);
  pass(milliseconds(1));
  EXPECT_EQ(fetches_for(quote), 1);
  pass(minutes(10) - milliseconds(1));
  EXPECT_EQ(fetches_for(quote), 0);
}

TEST_F(SharedCollateralTest, AFailureIsKeptForFifteenSeconds) {
  const TestQuote quote(1);
  fails_ = 1;
  start();
  ErrorCode code = ErrorCode::internal;
  EXPECT_EQ(fetches_for(quote, &code), 1);
  EXPECT_EQ(code, ErrorCode::io);
  fails_ = -1;
  code = ErrorCode::internal;
  pass(seconds(15) - milliseconds(1));
  EXPECT_EQ(fetches_for(quote, &code), 0);
  EXPECT_EQ(code, ErrorCode::io);
  pass(milliseconds(1));
  EXPECT_EQ(fetches_for(quote), 1);
  EXPECT_TRUE(shared_->get(*quote).ok());
}

// A fetch that fails after a long time is kept from its end.
TEST_F(SharedCollateralTest, AnAnswerAgesFromWhenItCame) {
  const TestQuote quote(1);
  hangs_ = 1;
  fails_ = 1;
  start();
  auto first = ask(quote);
  wait_until_hanging();
  pass(minutes(2));
  open();
  EXPECT_FALSE(first.get().ok());
  EXPECT_EQ(fetches_for(quote), 0);
}

TEST_F(SharedCollateralTest, TellsPlatformsCasAndTeesApart) {
  start();
  std::vector<TestQuote> quotes;
  quotes.emplace_back(uint8_t{1});
  quotes.emplace_back(uint8_t{2});
  quotes.emplace_back(uint8_t{1}, simulator::PckCa::processor);
  quotes.emplace_back(uint8_t{1}, simulator::PckCa::platform, TeeType::sgx);
  for (const TestQuote& quote : quotes) EXPECT_EQ(fetches_for(quote), 1);
  for (const TestQuote& quote : quotes) EXPECT_EQ(fetches_for(quote), 0);
}

TEST_F(SharedCollateralTest, AQuoteWithoutAPlatformIsNotAskedFor) {
  start();
  Quote quote;
  quote.certification_data_type = CertificationDataType::ppid_plain;
  EXPECT_EQ(shared_->get(quote).error().code, ErrorCode::unsupported);
  EXPECT_EQ(fetches_, 0);
}

TEST_F(SharedCollateralTest, KeepsSoManyAndLetsTheOldestGo) {
  EXPECT_EQ(SharedCollateralSettings().max_entries, 256u);
  settings_.max_entries = 2;
  start();
  const TestQuote oldest(1);
  const TestQuote older(2);
  const TestQuote newest(3);
  EXPECT_EQ(fetches_for(older), 1);
  pass(minutes(10));
  EXPECT_EQ(fetches_for(oldest), 1);
  pass(seconds(1));
  // It has expired: fetched again, in the place that it has.
  EXPECT_EQ(fetches_for(older), 1);
  EXPECT_EQ(fetches_for(oldest), 0);
  pass(seconds(1));
  EXPECT_EQ(fetches_for(newest), 1);
  EXPECT_EQ(fetches_for(older), 0);
  EXPECT_EQ(fetches_for(newest), 0);
  EXPECT_EQ(fetches_for(oldest), 1);
}

TEST_F(SharedCollateralTest, FailuresGoFirst) {
  settings_.max_entries = 2;
  fails_ = 2;
  start();
  const TestQuote success(1);
  const TestQuote failure(2);
  const TestQuote other(3);
  EXPECT_EQ(fetches_for(success), 1);
  pass(seconds(1));
  EXPECT_EQ(fetches_for(failure), 1);
  EXPECT_EQ(fetches_for(other), 1);
  EXPECT_EQ(fetches_for(success), 0);
}

TEST_F(SharedCollateralTest, WhatIsBeingFetchedStaysAndWhereThatIsAllOthersAreRefused) {
  settings_.max_entries = 1;
  hangs_ = 1;
  start();
  const TestQuote slow(1);
  const TestQuote other(2);
  auto hanging = ask(slow);
  wait_until_hanging();
  const auto refused = shared_->get(*other);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  open();
  EXPECT_TRUE(hanging.get().ok());
  EXPECT_EQ(fetches_for(slow), 0);
  EXPECT_EQ(fetches_for(other), 1);
}

TEST_F(SharedCollateralTest, ManyThreadsAskForMany) {
  settings_.max_entries = 2;
  settings_.failure_kept = settings_.success_kept = milliseconds(0);
  fails_ = 3;
  start();
  std::vector<TestQuote> quotes;
  for (uint8_t number = 0; number < 4; ++number) quotes.emplace_back(number);
  std::vector<std::jthread> threads;
  std::atomic<int> answers = 0;
  for (size_t thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t i = 0; i < 50; ++i) {
        const auto got = shared_->get(*quotes[(thread + i) % quotes.size()]);
        if (got.ok() || got.error().code == ErrorCode::io ||
            got.error().code == ErrorCode::refused) {
          ++answers;
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(answers, 400);
}

}  // namespace
}  // namespace quoin::broker
