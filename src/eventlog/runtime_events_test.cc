#include <gtest/gtest.h>

#include <string>

#include "quoin/eventlog.h"
#include "src/base/hex.h"

namespace quoin {
namespace {

RuntimeEvent event(std::string name, std::string_view payload = {}) {
  const ByteView bytes = as_bytes(payload);
  return {std::move(name), {bytes.begin(), bytes.end()}};
}

// Made with Python's hashlib; the first stands in the event log of a real TD as well.
TEST(RuntimeEvents, DigestIsOfTypeNameAndPayload) {
  EXPECT_EQ(
      to_hex(runtime_event_digest(event("system-preparing"))),
      "f9974020ef507068183313d0ca808e0d1ca9b2d1ad0c61f5784e7157c362c06536f5ddacdad4451693f48fc"
      "c72fff624");
  EXPECT_EQ(to_hex(runtime_event_digest(event("a", "b"))),
            "376e3f4e6abb464db353417f8c6798518d9c9cd48755393fbd221d6a9a0935a5054d4909f7c0792fe6b2d6"
            "2f7802fcde");
}

TEST(RuntimeEvents, NoEventsLeaveTheRegisterAsItWasAtBoot) {
  EXPECT_TRUE(all_zero(RuntimeEventLog().replayed_rtmr3()));
  const auto log = RuntimeEventLog::from_events({});
  ASSERT_TRUE(log.ok());
  EXPECT_TRUE(all_zero(log->replayed_rtmr3()));
}

TEST(RuntimeEvents, ReplayExtendsInOrder) {
  const auto log = RuntimeEventLog::from_events({event("a", "b"), event("system-preparing")});
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(to_hex(log->replayed_rtmr3()),
            "1eedcfcd90959a3d002f54a1e194bcf4385687c6c655e3f09b1a185220402d88089d507e6464541c3d2d3e"
            "f6ff229ffe");
  const auto other = RuntimeEventLog::from_events({event("system-preparing"), event("a", "b")});
  ASSERT_TRUE(other.ok());
  EXPECT_NE(log->replayed_rtmr3(), other->replayed_rtmr3());
}

TEST(RuntimeEvents, NamesHaveNoColonAndNothingThatIsNotPlain) {
  for (const std::string_view name : {"a", "guest/Log-1", "compose-hash", "A_B.c/9"}) {
    EXPECT_TRUE(is_runtime_event_name(name)) << name;
  }
  EXPECT_TRUE(is_runtime_event_name(std::string(256, 'x')));
  const std::string bad[] = {
      "", "a:b", "a b", "a\n", "\xc3\xa4", std::string(1, '\0'), std::string(257, 'x')};
  for (const std::string& name : bad) {
    EXPECT_FALSE(is_runtime_event_name(name)) << name;
    EXPECT_EQ(RuntimeEventLog::from_events({event(name)}).error().code,
              ErrorCode::invalid_argument);
  }
}

TEST(RuntimeEvents, GuestsEventsAreToldByTheirNames) {
  EXPECT_TRUE(event("guest/x").is_guests());
  EXPECT_FALSE(event("guest").is_guests());
  EXPECT_FALSE(event("Guest/x").is_guests());
  EXPECT_FALSE(event("system/guest/x").is_guests());
}

TEST(RuntimeEvents, LogsAreBounded) {
  EXPECT_TRUE(RuntimeEventLog::from_events({event("a", std::string(64 << 10, 'x'))}).ok());
  EXPECT_EQ(
      RuntimeEventLog::from_events({event("a", std::string((64 << 10) + 1, 'x'))}).error().code,
      ErrorCode::too_large);
  std::vector<RuntimeEvent> many(kMaxRuntimeEvents, event("a"));
  EXPECT_TRUE(RuntimeEventLog::from_events(many).ok());
  many.push_back(event("a"));
  EXPECT_EQ(RuntimeEventLog::from_events(many).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace quoin
