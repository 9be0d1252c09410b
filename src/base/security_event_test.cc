#include "src/base/security_event.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "src/base/json.h"

namespace quoin {
namespace {

constexpr UtcTime kNow{std::chrono::seconds{1'800'000'000}};

SecurityEvent event() { return {SecurityEventId::channel_peer_refused, kNow}; }

// The member of the line, which must be one JSON object on one line.
std::string member(const std::string& line, std::string_view name) {
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_TRUE(line.ends_with("}\n"));
  const auto document = JsonDocument::parse(as_bytes(line));
  if (!document.ok()) {
    ADD_FAILURE() << document.error().what << ": " << line;
    return {};
  }
  const auto value = document->root().get(name);
  return value.ok() ? std::string(value->raw()) : "none";
}

TEST(SecurityEventTest, SaysWhenAndWhat) {
  EXPECT_EQ(event().line(),
            "{\"time\":\"2027-01-15T08:00:00Z\",\"event\":\"channel.peer_refused\","
            "\"outcome\":\"refused\"}\n");
}

TEST(SecurityEventTest, MembersInOrder) {
  const Bytes key = {0x01, 0xab};
  const std::string line = event()
                               .text("reason", "tcb_level")
                               .number("port", 4433)
                               .flag("simulated", false)
                               .bytes("key_sha256", key)
                               .error({ErrorCode::refused, "not accepted", "a hint"})
                               .line();
  EXPECT_TRUE(line.ends_with(
      "\"reason\":\"tcb_level\",\"port\":4433,\"simulated\":false,\"key_sha256\":\"01ab\","
      "\"error\":\"refused\",\"what\":\"not accepted\"}\n"))
      << line;
}

TEST(SecurityEventTest, NoTextBeginsALineOfItsOwn) {
  const std::string line =
      event().text("peer", "a\",\"outcome\":\"allowed\"}\n{\x1b[2J\xff\xc2\x9b").line();
  EXPECT_EQ(member(line, "outcome"), "\"refused\"");
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_NE(line.find("\\u009b"), std::string::npos);
}

TEST(SecurityEventTest, LongTextsAndBytesAreCut) {
  // 'é' has two bytes: the last whole one ends at 256 or before.
  std::string text = "a";
  for (int i = 0; i < 200; ++i) text += "\xc3\xa9";
  EXPECT_EQ(member(event().text("a", text).line(), "a").size(), 2 + 255U);
  EXPECT_EQ(member(event().text("a", std::string(256, 'a')).line(), "a").size(), 2 + 256U);
  EXPECT_EQ(member(event().bytes("a", Bytes(65)).line(), "a").size(), 2 + 128U);
}

TEST(SecurityEventTest, ALineIsBounded) {
  // Each of these takes six characters a byte.
  SecurityEvent full = event();
  for (int i = 0; i < 10; ++i) full.text("m" + std::to_string(i), std::string(256, '\x01'));
  EXPECT_LE(full.line().size(), kMaxSecurityEventBytes);
  EXPECT_EQ(member(full.line(), "cut"), "true");
  EXPECT_EQ(member(full.line(), "outcome"), "\"refused\"");
  EXPECT_EQ(member(event().line(), "cut"), "none");
}

TEST(SecurityEventTest, NamesAreStableAndDiffer) {
  std::set<std::string_view> names;
  for (const SecurityEventKind& kind : kSecurityEvents) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_TRUE(std::ranges::all_of(
        kind.name, [](char c) { return (c >= 'a' && c <= 'z') || c == '.' || c == '_'; }));
  }
}

}  // namespace
}  // namespace quoin
