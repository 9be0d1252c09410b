#include "src/td/runtime_journal.h"

#include <gtest/gtest.h>

#include "src/td/runtime_log.h"

namespace quoin::td {
namespace {

RuntimeEvent event(std::string name, std::string_view payload) {
  const ByteView bytes = as_bytes(payload);
  return {.name = std::move(name), .payload = Bytes(bytes.begin(), bytes.end())};
}

const std::string kDone(kJournalDone);

TEST(RuntimeJournal, WhatIsNoJournalIsMalformed) {
  const std::string header = journal_header("boot-1");
  const std::string first = journal_entry(event("a", "1"));
  const std::string cases[] = {
      "\n",
      "quoin-runtime-log 2 boot-1\n",
      first,
      header + kDone,          // nothing was begun
      header + first + first,  // the first is not done
      header + first + kDone + kDone,
      header + "{}\n" + kDone,
      header + "\n" + kDone,
      header + R"({"imr":2,"event_type":134217729,"event":"a","event_payload":""})" + "\n" + kDone,
      header + R"({"imr":3,"event_type":134217729,"digest":"00","event":"a","event_payload":""})" +
          "\n" + kDone,
      header + R"({"imr":3,"event_type":134217729,"event":"a","event_payload":""},)" +
          R"({"imr":3,"event_type":134217729,"event":"b","event_payload":""})" + "\n" + kDone,
      // Two lines that are one entry together.
      header + R"({"imr":3,"event_type":134217729,"event":"a","event_payload":"","x":[1)" + "\n" +
          kDone + "2]}\n" + kDone,
  };
  for (const std::string& text : cases) {
    const Result<Journal> journal = parse_journal(text);
    ASSERT_FALSE(journal.ok()) << text;
    EXPECT_EQ(journal.error().code, ErrorCode::malformed) << text;
  }
}

TEST(RuntimeJournal, OneThatIsTooLongIsNotRead) {
  const Result<Journal> journal = parse_journal(std::string(kMaxJournalBytes + 1, '\n'));
  ASSERT_FALSE(journal.ok());
  EXPECT_EQ(journal.error().code, ErrorCode::too_large);
}

TEST(RuntimeJournal, SaysWhatWasWritten) {
  const RuntimeEvent first = event("compose-hash", "1");
  const RuntimeEvent second = event("guest/x", std::string_view("\0\n\"", 3));
  const std::string text =
      journal_header("boot-1") + journal_entry(first) + kDone + journal_entry(second) + kDone;
  const Journal journal = parse_journal(text).value();
  EXPECT_EQ(journal.boot_id, "boot-1");
  EXPECT_FALSE(journal.last_is_open);
  EXPECT_EQ(journal.size, text.size());
  ASSERT_EQ(journal.events.size(), 2);
  EXPECT_EQ(journal.events[0].name, first.name);
  EXPECT_EQ(journal.events[1].name, second.name);
  EXPECT_EQ(journal.events[1].payload, second.payload);
}

// Wherever a kill cuts the last line short, it does not count.
TEST(RuntimeJournal, ALineWithoutItsBreakDoesNotCount) {
  const std::string header = journal_header("boot-1");
  const std::string entry = journal_entry(event("a", "1"));
  const std::string text = header + entry + kDone;
  for (size_t size = 0; size <= text.size(); ++size) {
    const Result<Journal> journal = parse_journal(text.substr(0, size));
    ASSERT_TRUE(journal.ok()) << size;
    const bool has_header = size >= header.size();
    const bool has_entry = size >= header.size() + entry.size();
    EXPECT_EQ(journal->boot_id, has_header ? "boot-1" : "") << size;
    EXPECT_EQ(journal->events.size(), has_entry ? 1 : 0) << size;
    EXPECT_EQ(journal->last_is_open, has_entry && size < text.size()) << size;
    EXPECT_EQ(journal->size, size == text.size() ? size
                             : has_entry         ? header.size() + entry.size()
                             : has_header        ? header.size()
                                                 : 0)
        << size;
  }
}

TEST(RuntimeJournal, AsJsonItIsAnEventLog) {
  const RuntimeEventLog log =
      RuntimeEventLog::from_events({event("a", "1"), event("guest/b", "")}).value();
  const std::string json = to_json(log);
  const RuntimeEventLog again = RuntimeEventLog::parse(as_bytes(json)).value();
  EXPECT_EQ(again.replayed_rtmr3(), log.replayed_rtmr3());
  EXPECT_EQ(again.events().size(), 2);
  EXPECT_TRUE(
      RuntimeEventLog::parse(as_bytes(to_json(RuntimeEventLog()))).value().events().empty());
}

}  // namespace
}  // namespace quoin::td
