#include "src/simulator/simulated_td.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "src/crypto/sha2.h"
#include "src/simulator/directory_testing.h"
#include "src/simulator/samples_testing.h"
#include "src/simulator/state.h"

namespace quoin::simulator {
namespace {

class SimulatedTdTest : public testing::Test {
 protected:
  SimulatedTdTest() { init_state(state_, false).value(); }

  // What a quote with the tests' report data says.
  struct Quoted {
    Bytes bytes;
    Quote quote;
  };
  Quoted quoted() {
    Quoted quoted{.bytes = td_.quote(test_report_data()).value(), .quote = {}};
    quoted.quote = parse_quote(quoted.bytes).value();
    return quoted;
  }
  void set(std::string_view name, std::string_view text) {
    const auto change = [&](SoftwareTd& td) { return set_td_setting(td, name, text); };
    ASSERT_TRUE(store_.change("default", change).ok());
  }

  TestDirectory directory_;
  std::string state_ = (directory_.path() / "simulator").string();
  TdStore store_ = TdStore::open(state_, false).value();
  SimulatedTd td_{test_seed(1), store_, "default"};
};

TEST_F(SimulatedTdTest, RefusesWhatARealOneRefuses) {
  EXPECT_EQ(td_.read_rtmr(4).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(td_.extend_rtmr(4, {}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(td_.extend_rtmr(0, {}).error().code, ErrorCode::refused);
  EXPECT_EQ(td_.extend_rtmr(1, {}).error().code, ErrorCode::refused);
  EXPECT_EQ(*td_.read_rtmr(1), default_td_state().rtmr1);
  EXPECT_EQ(td_.extend_any_rtmr(4, {}).error().code, ErrorCode::invalid_argument);

  EXPECT_EQ(td_.quote_report({}).error().code, ErrorCode::invalid_argument);
  Bytes report = td_.report(test_report_data()).value();
  report[200] ^= 1;
  EXPECT_EQ(td_.quote_report(report).error().code, ErrorCode::refused);
  SimulatedTd other(test_seed(2), store_, "default");
  EXPECT_EQ(td_.quote_report(other.report({}).value()).error().code, ErrorCode::refused);
}

TEST_F(SimulatedTdTest, FailsWithoutItsState) {
  SimulatedTd nobody(test_seed(1), store_, "nobody");
  EXPECT_EQ(nobody.report({}).error().code, ErrorCode::not_found);
  EXPECT_EQ(nobody.quote({}).error().code, ErrorCode::not_found);
  EXPECT_EQ(nobody.read_rtmr(3).error().code, ErrorCode::not_found);
  EXPECT_EQ(nobody.extend_rtmr(3, {}).error().code, ErrorCode::not_found);
  EXPECT_EQ(nobody.boot_id().error().code, ErrorCode::not_found);
}

TEST_F(SimulatedTdTest, SaysWhatItIs) {
  EXPECT_TRUE(td_.simulated());
  const Bytes report = td_.report(test_report_data()).value();
  const TdReportStruct parsed = parse_td_report(report).value();
  EXPECT_TRUE(check_td_report(test_seed(1), parsed).ok());
  EXPECT_EQ(parsed.report_mac_struct.report_data, test_report_data());
  EXPECT_EQ(parsed.td_info.mr_td, default_td_state().mr_td);

  // As a TD that nobody keeps has always been quoted.
  const Platform platform(test_seed(1), kIssued);
  EXPECT_EQ(report, platform.td_report(default_td_state(), test_report_data()));
  EXPECT_EQ(quoted().bytes, platform.quote(report).value());
  EXPECT_EQ(td_.quote_report(report).value(), quoted().bytes);
}

TEST_F(SimulatedTdTest, StaysExtendedUntilItIsBootedAgain) {
  const ByteArray<48> digest = {7};
  ASSERT_TRUE(td_.extend_rtmr(3, digest).ok());
  ASSERT_TRUE(td_.extend_rtmr(2, digest).ok());
  SimulatedTd again(test_seed(1), store_, "default");
  EXPECT_EQ(*again.read_rtmr(3), sha384({ByteArray<48>{}, digest}));
  EXPECT_EQ(*again.read_rtmr(2), sha384({default_td_state().rtmr2, digest}));
  EXPECT_EQ(quoted().quote.td_report()->rtmr3, *again.read_rtmr(3));

  const std::string boot_id = *td_.boot_id();
  EXPECT_EQ(*again.boot_id(), boot_id);
  ASSERT_TRUE(store_
                  .change("default",
                          [](SoftwareTd& td) -> Result<void> {
                            reboot(td, fresh_boot_id());
                            return {};
                          })
                  .ok());
  EXPECT_NE(*td_.boot_id(), boot_id);
  EXPECT_TRUE(all_zero(*td_.read_rtmr(3)));
  EXPECT_EQ(*td_.read_rtmr(2), default_td_state().rtmr2);
}

// The table of quoting_enclave_tdqe.cpp, from what is kept of a TD to its quote.
TEST_F(SimulatedTdTest, HasTheQuotesThatIntelsEnclaveChooses) {
  const ByteArray<16> platform_svn =
      default_settings(test_seed(1), kIssued).tee_tcb_info.tee_tcb_svn;
  ByteArray<16> updated = platform_svn;
  updated[0] += 2;
  const std::string none(96, '0');
  const std::string service_td(96, '7');
  const std::string svn2 = "09010700000000000000000000000000";
  const struct {
    const char* tdx_version;
    std::string svn2;
    std::string service_td;
    int version;
  } kTests[] = {
      {"1.0", "", none, 4},         {"1.5", "", none, 4},       {"1.5", svn2, none, 5},
      {"1.0", svn2, none, 4},       {"1.0", "", service_td, 5}, {"1.5", "", service_td, 5},
      {"1.5", svn2, service_td, 5},
  };
  ASSERT_TRUE(td_.load().ok());
  for (const auto& test : kTests) {
    SCOPED_TRACE(std::string(test.tdx_version) + " " + test.svn2 + " " + test.service_td);
    set("tdx_version", test.tdx_version);
    set("tee_tcb_svn2", test.svn2);
    set("mrservicetd", test.service_td);
    const Quoted quoted = this->quoted();
    EXPECT_EQ(quoted.quote.header.version, test.version);
    const TdReport15Extra* extra = quoted.quote.td_report_15();
    ASSERT_EQ(extra != nullptr, test.version == 5);
    if (extra == nullptr) continue;
    const bool says_svn2 = std::string(test.tdx_version) == "1.5" && !test.svn2.empty();
    EXPECT_EQ(extra->tee_tcb_svn2 == platform_svn, !says_svn2);
    EXPECT_EQ(all_zero(extra->mr_service_td), test.service_td == none);
  }
}

TEST_F(SimulatedTdTest, MayBeAskedByManyAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kTimes = 10;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this] {
        for (int time = 0; time < kTimes; ++time) {
          EXPECT_TRUE(td_.extend_rtmr(3, {}).ok());
          EXPECT_TRUE(td_.quote({}).ok());
        }
      });
    }
  }
  TdState state;
  for (int i = 0; i < kThreads * kTimes; ++i) ASSERT_TRUE(extend_rtmr(state, 3, {}).ok());
  EXPECT_EQ(*td_.read_rtmr(3), state.rtmr3);
}

}  // namespace
}  // namespace quoin::simulator
