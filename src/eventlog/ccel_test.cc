#include <gtest/gtest.h>

#include <string>

#include "quoin/eventlog.h"
#include "quoin/quote.h"
#include "src/base/testing_files.h"
#include "src/base/writer.h"
#include "src/eventlog/ccel_writer.h"
#include "src/eventlog/events_testing.h"

namespace quoin {
namespace {

using events_testing::event;
using events_testing::separator;

constexpr uint32_t kAction = 0x80000007;
constexpr std::string_view kSignature{"Spec ID Event03\0", 16};

// The Spec ID event, with one thing or another wrong.
struct Header {
  uint32_t index = 1;
  uint32_t type = 3;
  uint8_t sha1_byte = 0;
  std::string_view signature = kSignature;
  uint8_t major = 2;
  std::vector<std::pair<uint16_t, uint16_t>> algorithms = {{0x000c, 48}};
  uint32_t more_algorithms = 0;  // than there are
  Bytes vendor = {};
  Bytes behind = {};  // the vendor's
};

Bytes write(const Header& header) {
  Writer spec_id;
  spec_id.bytes(as_bytes(header.signature)).u32le(0).u8(0).u8(header.major).u8(0).u8(2);
  spec_id.u32le(static_cast<uint32_t>(header.algorithms.size()) + header.more_algorithms);
  for (const auto& [id, size] : header.algorithms) spec_id.u16le(id).u16le(size);
  spec_id.u8(static_cast<uint8_t>(header.vendor.size())).bytes(header.vendor);
  spec_id.bytes(header.behind);
  Writer log;
  log.u32le(header.index).u32le(header.type).u8(header.sha1_byte).bytes(ByteArray<19>{});
  log.u32le(static_cast<uint32_t>(spec_id.size())).bytes(spec_id.view());
  return log.take();
}

Bytes operator+(Bytes front, const Bytes& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

// An event with those digests, each of bytes `id`.
Bytes event_with(const std::vector<std::pair<uint16_t, uint16_t>>& digests, uint32_t index = 1,
                 uint32_t type = kAction) {
  Writer writer;
  writer.u32le(index).u32le(type).u32le(static_cast<uint32_t>(digests.size()));
  for (const auto& [id, size] : digests) {
    writer.u16le(id).bytes(Bytes(size, static_cast<uint8_t>(id)));
  }
  return writer.u32le(1).u8('x').take();
}

std::vector<CcEvent> some_events() {
  return {
      event(1, kAction, {'a'}), event(0, 3, {'s', 'a', 'y'}),
      event(2, kAction, {'b'}), separator(1),
      event(3, 3, {}),          separator(1),
      event(4, kAction, {'c'}),
  };
}

TEST(Ccel, RefusesWhatIsNoLog) {
  const std::pair<uint16_t, uint16_t> kSha384 = {0x000c, 48};
  struct Refusal {
    std::string name;
    Bytes log;
    std::string_view says;
    ErrorCode code = ErrorCode::malformed;
  };
  const Bytes good = write_ccel(some_events());
  Bytes cut_in_padding = good + Bytes(100, 0xff);
  cut_in_padding[cut_in_padding.size() - 1] = 0;
  const Refusal table[] = {
      {"empty", {}, "event log", ErrorCode::truncated},
      {"zeros", Bytes(1000, 0), "does not begin with a Spec ID"},
      {"padding only", Bytes(1000, 0xff), "does not begin with a Spec ID"},
      {"text", events_testing::bytes("{\"event_log\": []}"), "does not begin with a Spec ID"},
      {"index 2", write({.index = 2}), "does not begin with a Spec ID"},
      {"not NO_ACTION", write({.type = 4}), "does not begin with a Spec ID"},
      {"a digest", write({.sha1_byte = 1}), "has a digest"},
      {"SHA-1 log", write({.signature = {"Spec ID Event00\0", 16}}), "Spec ID Event03"},
      {"version 3", write({.major = 3}), "version 3.0", ErrorCode::unsupported},
      {"no algorithms", write({.algorithms = {}}), "no SHA-384", ErrorCode::unsupported},
      {"other algorithms", write({.algorithms = {{0x000b, 32}}}), "no SHA-384",
       ErrorCode::unsupported},
      {"SHA-384 of 32 bytes", write({.algorithms = {{0x000c, 32}}}), "has 32 bytes"},
      {"an algorithm twice", write({.algorithms = {kSha384, kSha384}}), "twice"},
      {"17 algorithms", write({.more_algorithms = 16}), "more than 16", ErrorCode::too_large},
      {"2^32 - 1 algorithms", write({.more_algorithms = 0xfffffffe}), "more than 16",
       ErrorCode::too_large},
      {"2 algorithms, 1 there", write({.more_algorithms = 1}), "Spec ID", ErrorCode::truncated},
      {"bytes behind", write({.behind = {0}}), "Spec ID", ErrorCode::trailing_bytes},
      {"register 0", write({}) + event_with({kSha384}, 0),
       "event 0: it is measured into register 0"},
      {"register 5", good + event_with({kSha384}, 5), "event 7: there is no"},
      {"register 5, not measured", good + event_with({kSha384}, 5, 3), "event 7: there is no"},
      {"register -1", good + event_with({kSha384}, 0xffffffff), "event 7: there are bytes behind"},
      {"no digest", write({}) + event_with({}), "event 0: it has no SHA-384"},
      {"no digest, not measured", write({}) + event_with({}, 1, 3), "event 0: it has no SHA-384"},
      {"two digests", write({}) + event_with({kSha384, kSha384}), "event 0: it has 2 digests"},
      {"a digest twice",
       write({.algorithms = {kSha384, {0x000b, 32}}}) + event_with({kSha384, kSha384}),
       "event 0: it has two digests of algorithm 12"},
      {"another digest", write({}) + event_with({{0x000b, 32}}), "of algorithm 11, which"},
      {"only another digest",
       write({.algorithms = {kSha384, {0x000b, 32}}}) + event_with({{0x000b, 32}}),
       "event 0: it has no SHA-384"},
      {"bytes in the padding", cut_in_padding, "event 7: there are bytes behind the padding"},
      {"other padding", good + Bytes(100, 0xfe), "event 7: it has"},
      {"zeros, and then more", good + Bytes(100, 0) + Bytes(1, 1), "event 7: it has no SHA-384"},
      {"much data",
       Writer()
           .bytes(good)
           .bytes(ByteView(good).subspan(65, 62))
           .u32le((1U << 20) + 1)
           .bytes(Bytes((1U << 20) + 1))
           .take(),
       "event 7: its data would have 1048577 bytes", ErrorCode::too_large},
      {"large", good + Bytes(size_t{4} << 20, 0xff), "more than 4 MiB", ErrorCode::too_large},
  };
  for (const Refusal& refusal : table) {
    SCOPED_TRACE(refusal.name);
    const auto log = CcEventLog::parse(refusal.log);
    ASSERT_FALSE(log.ok());
    EXPECT_EQ(log.error().code, refusal.code) << log.error().what;
    EXPECT_NE(log.error().what.find(refusal.says), std::string::npos) << log.error().what;
    EXPECT_TRUE(log.error().what.starts_with("event log")) << log.error().what;
  }
}

// Cut off anywhere but behind an event, it is an error; there, only the registers tell.
TEST(Ccel, ACutIsAnError) {
  const std::vector<CcEvent> events = some_events();
  const Bytes log = write_ccel(events);
  std::vector<size_t> whole;
  for (size_t size = 0; size < log.size(); ++size) {
    const auto cut = CcEventLog::parse(ByteView(log).first(size));
    if (!cut.ok()) {
      EXPECT_EQ(cut.error().code, ErrorCode::truncated) << size << ": " << cut.error().what;
      continue;
    }
    EXPECT_NE(cut->replayed_rtmrs(), CcEventLog::parse(log)->replayed_rtmrs());
    // The zeros that register 0 begins with are padding by themselves.
    const Bytes front = write_ccel(cut->events());
    EXPECT_TRUE(all_zero(ByteView(log).first(size).subspan(front.size())));
    whole.push_back(cut->events().size());
  }
  // The second event is of register 0, and is begun with one to four such bytes.
  EXPECT_EQ(whole, (std::vector<size_t>{0, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6}));
}

TEST(Ccel, ReadsEventsInOrder) {
  const std::vector<CcEvent> events = some_events();
  const Bytes log = write_ccel(events);
  const auto read = CcEventLog::parse(log);
  ASSERT_TRUE(read.ok()) << read.error().what;
  EXPECT_EQ(read->events(), events);
  EXPECT_EQ(read->replayed_rtmrs(), CcEventLog::from_events(events)->replayed_rtmrs());
}

TEST(Ccel, PaddingEndsIt) {
  const Bytes log = write_ccel(some_events());
  constexpr size_t kSizes[] = {1, 2, 3, 4, 5, 11, 12, 16, 100, 65536};
  for (const uint8_t byte : {uint8_t{0xff}, uint8_t{0x00}}) {
    for (const size_t size : kSizes) {
      const auto read = CcEventLog::parse(log + Bytes(size, byte));
      ASSERT_TRUE(read.ok()) << read.error().what;
      EXPECT_EQ(read->events(), some_events());
    }
  }
  const auto none = CcEventLog::parse(write_ccel({}) + Bytes(100, 0xff));
  ASSERT_TRUE(none.ok()) << none.error().what;
  EXPECT_TRUE(none->events().empty());
  EXPECT_EQ(none->replayed_rtmrs(), Rtmrs{});
}

TEST(Ccel, OtherDigestsArePassedOverAsTheSpecIdSays) {
  // The last one is nobody's, and of no bytes.
  const Header header = {.index = 0,
                         .algorithms = {{0x0004, 20}, {0x000b, 32}, {0x000c, 48}, {0x7777, 0}},
                         .vendor = {1, 2, 3}};
  const Bytes log = write(header) +
                    event_with({{0x000b, 32}, {0x000c, 48}, {0x0004, 20}, {0x7777, 0}}) +
                    event_with({{0x000c, 48}});
  const auto read = CcEventLog::parse(log);
  ASSERT_TRUE(read.ok()) << read.error().what;
  ASSERT_EQ(read->events().size(), 2u);
  for (const CcEvent& event : read->events()) {
    EXPECT_EQ(Bytes(event.digest.begin(), event.digest.end()), Bytes(48, 0x0c));
    EXPECT_EQ(event.data, Bytes{'x'});
  }
}

TEST(Ccel, LogsAreBounded) {
  const std::vector<CcEvent> many(kMaxCcEvents, separator(1));
  const Bytes log = write_ccel(many);
  ASSERT_TRUE(CcEventLog::parse(log).ok());
  EXPECT_EQ(CcEventLog::parse(log + Bytes(1, 0xff))->events().size(), kMaxCcEvents);
  EXPECT_EQ(CcEventLog::parse(log + event_with({{0x000c, 48}})).error().code, ErrorCode::too_large);
  const std::vector<CcEvent> large = {event(1, kAction, Bytes(kMaxCcEventDataBytes))};
  EXPECT_TRUE(CcEventLog::parse(write_ccel(large)).ok());
}

class RealLog : public testing::Test {
 protected:
  static Bytes read(std::string_view name) {
    return testing_files::read(testing_files::vectors() / "eventlogs" / name);
  }
};

TEST_F(RealLog, ReplaysToItsQuote) {
  const Bytes file = read("gcp-cos113.ccel.bin");
  if (file.empty()) GTEST_SKIP() << "the vectors are not here";
  const auto log = CcEventLog::parse(file);
  ASSERT_TRUE(log.ok()) << log.error().what;
  EXPECT_EQ(log->events().size(), 43u);
  const Bytes quote_bytes = read("gcp-cos113.quote.bin");
  const auto quote = parse_quote(quote_bytes);
  ASSERT_TRUE(quote.ok()) << quote.error().what;
  const TdReport10& report = *quote->td_report();
  EXPECT_EQ(log->replayed_rtmrs(), (Rtmrs{report.rtmr0, report.rtmr1, report.rtmr2, report.rtmr3}));
  EXPECT_FALSE(log->extends(3));

  const auto table = parse_ccel_table(read("gcp-cos113.ccel-table.bin"));
  ASSERT_TRUE(table.ok()) << table.error().what;
  EXPECT_TRUE(table->check_area(file).ok());
  // What edk2 writes, we would write.
  const Bytes again = write_ccel(log->events());
  EXPECT_TRUE(equal(again, ByteView(file).first(again.size())));
}

TEST_F(RealLog, OthersReplay) {
  for (const auto& [name, count] : {std::pair{"ovmf-noquote.ccel.bin", size_t{20}},
                                    std::pair{"grub-noquote.ccel.bin", size_t{37}}}) {
    const Bytes file = read(name);
    if (file.empty()) GTEST_SKIP() << "the vectors are not here";
    const auto log = CcEventLog::parse(file);
    ASSERT_TRUE(log.ok()) << log.error().what;
    EXPECT_EQ(log->events().size(), count);
  }
}

}  // namespace
}  // namespace quoin
