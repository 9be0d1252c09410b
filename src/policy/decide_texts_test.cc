// What a refusal says: enough for its reader to see what to change.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

std::string seen_in(const Decision& decision, std::string_view id) {
  for (const Check& check : decision.checks) {
    if (check.id == id) return check.seen;
  }
  return "not looked at";
}

TEST(DecideTexts, EachSetSaysWhatDiffers) {
  Case c = pinned();
  c.report.rtmr1[0] ^= 1;
  c.policy.measurements.push_back(fitting_set());
  c.policy.measurements[1].name = "next";
  c.policy.measurements[1].mr_td.emplace().fill(9);
  EXPECT_EQ(seen_in(decide(c), "policy_measurements"),
            "\"release\" differs in rtmr1; \"next\" differs in mr_td, rtmr1");
}

TEST(DecideTexts, APlatformIsNamedAsFarAsItIsKnown) {
  Case c = pinned();
  c.policy.denied_platforms.fmspcs = {good_platform().fmspc};
  const std::string ppid = "ppid " + std::string(32, '1');
  EXPECT_EQ(seen_in(decide(c), "policy_platform_denied"),
            ppid + ", platform_instance_id " + std::string(32, '3') + ", fmspc 222222222222");
  c.verdict.platform->platform_instance_id.reset();
  EXPECT_EQ(seen_in(decide(c), "policy_platform_denied"), ppid + ", fmspc 222222222222");
  c.verdict.platform.reset();
  EXPECT_EQ(seen_in(decide(c), "policy_platform_denied"), "a platform that is not known");
}

TEST(DecideTexts, AGracePeriodIsInDays) {
  Case c = pinned();
  c.verdict.tcb_status = TcbStatus::out_of_date;
  const auto wanted = [&](uint32_t days) {
    c.policy.grace_period_days = days;
    return decide(c).reason()->wanted;
  };
  EXPECT_EQ(wanted(0), "UpToDate");
  EXPECT_EQ(wanted(1), "UpToDate, or OutOfDate for at most 1 day");
  EXPECT_EQ(wanted(2), "UpToDate, or OutOfDate for at most 2 days");
}

TEST(DecideTexts, ARestartIsNotAllWhereConfigurationIsNeeded) {
  Case c = pinned();
  c.verdict.tcb_status = TcbStatus::td_relaunch_advised_configuration_needed;
  const std::string advice = decide(c).reason()->advice;
  EXPECT_TRUE(advice.starts_with("restart the TD")) << advice;
  EXPECT_NE(advice.find("BIOS"), std::string::npos) << advice;
  c.verdict.tcb_status = TcbStatus::td_relaunch_advised;
  EXPECT_EQ(decide(c).reason()->advice.find("BIOS"), std::string::npos);
}

// Body type 4 names a service TD in two fields more.
TEST(DecideTexts, AServiceTdIsRefusedInWhicheverFieldItStands) {
  const auto with = [](auto&& change) {
    TdReport15Ex report;
    static_cast<TdReport15&>(report) = good_report();
    change(report);
    Quote quote;
    quote.body = report;
    return decide(pinned(), quote);
  };
  EXPECT_TRUE(with([](TdReport15Ex&) {}).accepted);
  const Decision init = with([](TdReport15Ex& report) { report.init_servtd_hash[0] = 0xab; });
  EXPECT_EQ(reason_of(init), "policy_service_td");
  EXPECT_TRUE(init.reason()->seen.starts_with("init_servtd_hash ab")) << init.reason()->seen;
  const Decision current = with([](TdReport15Ex& report) { report.cur_servtd_hash[47] = 1; });
  EXPECT_EQ(reason_of(current), "policy_service_td");
  EXPECT_TRUE(current.reason()->seen.starts_with("cur_servtd_hash 00")) << current.reason()->seen;
}

// Enclaves have no runtime events: a set that says what to do with a guest's is not for them.
TEST(DecideTexts, ASetThatSpeaksOfGuestsEventsFitsNoEnclave) {
  Case c = pinned();
  c.enclave.emplace().mr_enclave.fill(5);
  MeasurementSet set;
  set.name = "enclave";
  set.mr_enclave.emplace().fill(5);
  set.refuse_guest_events = true;
  c.policy.measurements = {set};
  EXPECT_EQ(seen_in(decide(c), "policy_measurements"), "\"enclave\" differs in not for enclaves");
}

}  // namespace
}  // namespace quoin
