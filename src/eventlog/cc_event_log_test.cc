#include <gtest/gtest.h>

#include <string>

#include "quoin/eventlog.h"
#include "src/base/hex.h"
#include "src/eventlog/events_testing.h"

namespace quoin {
namespace {

using events_testing::event;
using events_testing::separator;

TEST(CcEventLogTest, RefusesRegistersThatCannotBeExtended) {
  for (const uint32_t index : {0U, 5U, 0xffffffffU}) {
    EXPECT_EQ(CcEventLog::from_events({separator(1), separator(index)}).error().code,
              ErrorCode::malformed)
        << index;
  }
  // What was not measured may speak of MRTD, but of no register that there is not.
  EXPECT_TRUE(CcEventLog::from_events({event(0, 3, {})}).ok());
  const auto other = CcEventLog::from_events({separator(1), event(5, 3, {})});
  ASSERT_FALSE(other.ok());
  EXPECT_TRUE(other.error().what.starts_with("event log, event 1: ")) << other.error().what;
}

TEST(CcEventLogTest, LogsAreBounded) {
  std::vector<CcEvent> many(kMaxCcEvents, separator(1));
  EXPECT_TRUE(CcEventLog::from_events(many).ok());
  many.push_back(separator(1));
  EXPECT_EQ(CcEventLog::from_events(many).error().code, ErrorCode::too_large);
  EXPECT_TRUE(CcEventLog::from_events({event(1, 5, Bytes(kMaxCcEventDataBytes))}).ok());
  EXPECT_EQ(CcEventLog::from_events({event(1, 5, Bytes(kMaxCcEventDataBytes + 1))}).error().code,
            ErrorCode::too_large);
}

TEST(CcEventLogTest, NothingMeasuredLeavesTheRegistersAsTheyWere) {
  EXPECT_EQ(CcEventLog().replayed_rtmrs(), Rtmrs{});
  const auto log = CcEventLog::from_events({event(1, 3, {}), event(0, 3, {'x'}), event(4, 3, {})});
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(log->replayed_rtmrs(), Rtmrs{});
  for (size_t rtmr = 0; rtmr <= kRtmrCount; ++rtmr) EXPECT_FALSE(log->extends(rtmr));
}

// Made with Python's hashlib: SHA-384 over 48 zero bytes and SHA-384 of four, and once more.
TEST(CcEventLogTest, IndexNIsRtmrNMinusOne) {
  constexpr std::string_view kOnce =
      "518923b0f955d08da077c96aaba522b9decede61c599cea6c41889cfbea4ae4d50529d96fe4d1afdafb65e7f95bf"
      "23c4";
  const auto once = CcEventLog::from_events({separator(1)});
  ASSERT_TRUE(once.ok());
  EXPECT_EQ(to_hex(once->replayed_rtmrs()[0]), kOnce);
  for (uint32_t index = 1; index <= kRtmrCount; ++index) {
    const auto log = CcEventLog::from_events({event(index, 3, {}), separator(index)});
    ASSERT_TRUE(log.ok());
    Rtmrs wanted{};
    wanted[index - 1] = once->replayed_rtmrs()[0];
    EXPECT_EQ(log->replayed_rtmrs(), wanted);
    for (size_t rtmr = 0; rtmr <= kRtmrCount; ++rtmr) {
      EXPECT_EQ(log->extends(rtmr), rtmr == index - 1);
    }
  }
}

TEST(CcEventLogTest, OrderAndRepetitionCount) {
  const CcEvent a = event(1, 5, {'a'});
  const CcEvent b = event(1, 5, {'b'});
  const auto rtmr0 = [](std::vector<CcEvent> events) {
    return CcEventLog::from_events(std::move(events))->replayed_rtmrs()[0];
  };
  EXPECT_NE(rtmr0({a, b}), rtmr0({b, a}));
  EXPECT_NE(rtmr0({a, a}), rtmr0({a}));
  // Type and data are nothing that a register vouches for.
  CcEvent lie = a;
  lie.type = 4;
  lie.data = {'l', 'i', 'e'};
  EXPECT_EQ(rtmr0({lie}), rtmr0({a}));
}

TEST(CcEventLogTest, TypesHaveTcgsNames) {
  EXPECT_EQ(event_type_name(3), "EV_NO_ACTION");
  EXPECT_EQ(event_type_name(0x80000001), "EV_EFI_VARIABLE_DRIVER_CONFIG");
  EXPECT_EQ(event_type_name(0x800000e0), "EV_EFI_VARIABLE_AUTHORITY");
  EXPECT_EQ(event_type_name(kRuntimeEventType), "RUNTIME_EVENT");
  EXPECT_EQ(event_type_name(0x12345678), "");
}

}  // namespace
}  // namespace quoin
