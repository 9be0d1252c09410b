#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "quoin/eventlog.h"
#include "quoin/quote.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/testing_files.h"

namespace quoin {
namespace {

Result<RuntimeEventLog> parse(std::string_view json) {
  return RuntimeEventLog::parse(as_bytes(json));
}

std::string digest_of(std::string_view name, ByteView payload = {}) {
  return to_hex(runtime_event_digest({std::string(name), Bytes(payload.begin(), payload.end())}));
}

// An entry of RTMR3 with more members, or with others.
std::string entry(std::string_view members) {
  return "{\"imr\":3,\"event_type\":134217729," + std::string(members) + "}";
}

const std::string kEntry = entry(R"("event":"a","event_payload":"00ff")");

TEST(EventLogJson, ReadsTheEventsOfRtmr3InOrder) {
  const ByteArray<2> payload = {0x00, 0xff};
  const std::string log =
      "[{\"imr\":0,\"event_type\":1,\"digest\":\"zz\",\"event\":\"\",\"event_payload\":\"zz\"}," +
      entry("\"digest\":\"" + digest_of("a", payload) +
            R"(","event":"a","event_payload":"00ff","preimage":"x")") +
      ",{\"imr\":1}," + entry(R"("event":"guest/b","event_payload":"","digest":"","version":1)") +
      "]";
  std::string text = log;
  for (size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '\\');
  }
  for (const std::string& form :
       {log, "{\"event_log\":" + log + ",\"quote\":\"00\"}", "{\"event_log\":\"" + text + "\"}"}) {
    const auto read = parse(form);
    ASSERT_TRUE(read.ok()) << read.error().what;
    ASSERT_EQ(read->events().size(), 2u);
    EXPECT_EQ(read->events()[0].name, "a");
    EXPECT_EQ(read->events()[0].payload, (Bytes{0x00, 0xff}));
    EXPECT_EQ(read->events()[1].name, "guest/b");
    EXPECT_TRUE(read->events()[1].payload.empty());
    EXPECT_EQ(read->replayed_rtmr3(),
              RuntimeEventLog::from_events(read->events())->replayed_rtmr3());
  }
}

TEST(EventLogJson, ALogWithoutRuntimeEventsIsEmpty) {
  for (const std::string_view log : {"[]", "[{\"imr\":2}]", "{\"event_log\":[]}"}) {
    const auto read = parse(log);
    ASSERT_TRUE(read.ok()) << read.error().what;
    EXPECT_TRUE(read->events().empty());
  }
}

TEST(EventLogJson, NothingThatWasMeasuredIsLeftOut) {
  struct Refusal {
    std::string log;
    std::string_view says;
    ErrorCode code = ErrorCode::malformed;
  };
  const Refusal table[] = {
      {"", ""},
      {"{}", "event_log"},
      {"1", ""},
      {"[1]", ""},
      {"[" + kEntry + "]x", ""},
      {"{\"event_log\":{\"event_log\":[]}}", ""},
      {"{\"event_log\":\"{\\\"event_log\\\":[]}\"}", ""},
      {"[{}]", "entry 0"},
      {"[" + kEntry + ",{\"imr\":4}]", "entry 1: its imr"},
      {"[{\"imr\":\"3\"}]", "its imr"},
      {"[{\"imr\":-1}]", "its imr"},
      {"[{\"imr\":3}]", "event_type"},
      {R"([{"imr":3,"event_type":1,"event":"a","event_payload":""}])", "no runtime event"},
      {R"([{"imr":3,"event_type":"134217729","event":"a","event_payload":""}])", "entry 0"},
      {"[" + entry(R"("event_payload":"")") + "]", "event"},
      {"[" + entry(R"("event":"a")") + "]", "event_payload"},
      {"[" + entry(R"("event":"a","event":"b","event_payload":"")") + "]", ""},
      {"[" + entry(R"("event":"a:b","event_payload":"")") + "]", "its name"},
      {"[" + entry(R"("event":"","event_payload":"")") + "]", "its name"},
      {"[" + entry(R"("event":"a","event_payload":"0")") + "]", "entry 0"},
      {"[" + entry(R"("event":"a","event_payload":"0x")") + "]", "entry 0"},
      {"[" + entry(R"("event":"a","event_payload":"","digest":"00")") + "]", "entry 0"},
      {"[" + entry("\"event\":\"a\",\"event_payload\":\"\",\"digest\":\"" + digest_of("b") + "\"") +
           "]",
       "its digest is not"},
      {"[" + entry(R"("event":"a","event_payload":"","version":2)") + "]", "another version",
       ErrorCode::unsupported},
      {"[" + entry(R"("event":"a","event_payload":"","version":"1")") + "]", "entry 0"},
      {"[" + entry("\"event\":\"a\",\"event_payload\":\"" + std::string(131'074, '0') + "\"") + "]",
       "64 KiB", ErrorCode::too_large},
      {std::string(size_t{5} << 20, ' ') + "[]", "event log", ErrorCode::too_large},
      {std::string(1000, '[') + std::string(1000, ']'), "event log", ErrorCode::too_large},
  };
  for (const Refusal& refusal : table) {
    SCOPED_TRACE(refusal.log.substr(0, 200));
    const auto read = parse(refusal.log);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, refusal.code) << read.error().what;
    EXPECT_NE(read.error().what.find(refusal.says), std::string::npos) << read.error().what;
    EXPECT_TRUE(read.error().what.starts_with("event log")) << read.error().what;
  }
}

TEST(EventLogJson, MoreEntriesThanTheLimitAreRefused) {
  std::string log = "[";
  for (size_t i = 0; i <= kMaxRuntimeEvents; ++i) {
    log += entry(R"("event":"a","event_payload":"")") + ",";
  }
  log.back() = ']';
  EXPECT_EQ(parse(log).error().code, ErrorCode::too_large);
  log = "[";
  for (size_t i = 0; i <= 2 * kMaxRuntimeEvents; ++i) log += "{\"imr\":0},";
  log.back() = ']';
  EXPECT_EQ(parse(log).error().code, ErrorCode::too_large);
}

// A real TD's events give the RTMR3 of its quote.
TEST(EventLogJson, ReplaysARealTdsLog) {
  const Bytes file = testing_files::read(testing_files::vectors() /
                                         "eventlogs/dstack-64g-16vcpu.quote-and-log.json");
  if (file.empty()) GTEST_SKIP() << "the vectors are not here";
  const auto log = RuntimeEventLog::parse(file);
  ASSERT_TRUE(log.ok()) << log.error().what;
  ASSERT_EQ(log->events().size(), 8u);
  EXPECT_EQ(log->events()[2].name, "compose-hash");
  const auto document = JsonDocument::parse(file);
  ASSERT_TRUE(document.ok());
  const Bytes quote_bytes = from_hex(*document->root().get("quote")->plain_string()).value();
  const auto quote = parse_quote(quote_bytes);
  ASSERT_TRUE(quote.ok());
  EXPECT_EQ(log->replayed_rtmr3(), quote->td_report()->rtmr3);
}

// An entry of another register.
std::string boot_entry(size_t imr, std::string_view members) {
  return "{\"imr\":" + std::to_string(imr) + "," + std::string(members) + "}";
}

const std::string kDigest(96, 'a');

TEST(CcEventLogJson, ReadsTheEventsOfAllRegisters) {
  const std::string log = "[" +
                          boot_entry(0, "\"event_type\":4,\"digest\":\"" + kDigest +
                                            "\",\"event\":\"\",\"event_payload\":\"00000000\"") +
                          "," + kEntry + "," +
                          boot_entry(2, "\"event_type\":3,\"digest\":\"" + kDigest + "\"") + "]";
  const auto read = CcEventLog::parse_json(as_bytes(log));
  ASSERT_TRUE(read.ok()) << read.error().what;
  ASSERT_EQ(read->events().size(), 3u);
  EXPECT_EQ(read->events()[0].mr_index, 1u);
  EXPECT_EQ(read->events()[0].type, 4u);
  EXPECT_EQ(to_hex(read->events()[0].digest), kDigest);
  EXPECT_EQ(read->events()[0].data, Bytes(4, 0));
  EXPECT_EQ(read->events()[1].mr_index, 4u);
  EXPECT_EQ(read->events()[1].name, "a");
  EXPECT_EQ(to_hex(read->events()[1].digest), digest_of("a", ByteArray<2>{0x00, 0xff}));
  EXPECT_EQ(read->replayed_rtmrs()[3], parse("[" + kEntry + "]")->replayed_rtmr3());
  EXPECT_FALSE(all_zero(read->replayed_rtmrs()[0]));
  EXPECT_TRUE(all_zero(read->replayed_rtmrs()[1]));
  EXPECT_TRUE(all_zero(read->replayed_rtmrs()[2])) << "EV_NO_ACTION is not measured";
}

TEST(CcEventLogJson, RefusesWhatCannotBeReplayed) {
  const std::string with_digest = "\"digest\":\"" + kDigest + "\"";
  struct Refusal {
    std::string log;
    std::string_view says;
    ErrorCode code = ErrorCode::malformed;
  };
  const Refusal table[] = {
      {"{}", "event_log"},
      {"[" + kEntry + "," + boot_entry(4, "\"event_type\":4," + with_digest) + "]",
       "entry 1: its imr"},
      {"[" + boot_entry(0, "\"event_type\":4") + "]", "entry 0"},
      {"[" + boot_entry(0, "\"event_type\":4,\"digest\":\"\"") + "]", "entry 0"},
      {"[" + boot_entry(0, "\"event_type\":4,\"digest\":\"" + kDigest + "aa\"") + "]", "entry 0"},
      {"[" + boot_entry(0, with_digest) + "]", "event_type"},
      {"[" + boot_entry(0, "\"event_type\":4294967296," + with_digest) + "]", "entry 0"},
      {"[" + boot_entry(0, "\"event_type\":4,\"event_payload\":\"x\"," + with_digest) + "]",
       "entry 0"},
      // A runtime event is one in any register: its digest is computed.
      {"[" + boot_entry(0, "\"event_type\":134217729," + with_digest) + "]", "entry 0"},
      {"[" + entry("\"event\":\"a\",\"event_payload\":\"\"," + with_digest) + "]",
       "its digest is not"},
      {"[" + entry(R"("event":"a","event_payload":"","version":2)") + "]", "another version",
       ErrorCode::unsupported},
      {std::string(size_t{5} << 20, ' ') + "[]", "event log", ErrorCode::too_large},
      {"[" +
           boot_entry(0, "\"event_type\":4,\"event_payload\":\"" +
                             std::string(2 * kMaxCcEventDataBytes + 2, '0') + "\"," + with_digest) +
           "]",
       "1 MiB", ErrorCode::too_large},
  };
  for (const Refusal& refusal : table) {
    SCOPED_TRACE(refusal.log.substr(0, 200));
    const auto read = CcEventLog::parse_json(as_bytes(refusal.log));
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, refusal.code) << read.error().what;
    EXPECT_NE(read.error().what.find(refusal.says), std::string::npos) << read.error().what;
    EXPECT_TRUE(read.error().what.starts_with("event log")) << read.error().what;
  }
}

// All four registers of a real TD's quote; its firmware has no Secure Boot.
TEST(CcEventLogJson, ReplaysARealTdsLog) {
  const Bytes file = testing_files::read(testing_files::vectors() /
                                         "eventlogs/dstack-64g-16vcpu.quote-and-log.json");
  if (file.empty()) GTEST_SKIP() << "the vectors are not here";
  const auto log = CcEventLog::parse_json(file);
  ASSERT_TRUE(log.ok()) << log.error().what;
  EXPECT_EQ(log->events().size(), 28u);
  const auto document = JsonDocument::parse(file);
  ASSERT_TRUE(document.ok());
  const Bytes quote_bytes = from_hex(*document->root().get("quote")->plain_string()).value();
  const auto quote = parse_quote(quote_bytes);
  ASSERT_TRUE(quote.ok());
  const TdReport10& report = *quote->td_report();
  EXPECT_EQ(log->replayed_rtmrs(), (Rtmrs{report.rtmr0, report.rtmr1, report.rtmr2, report.rtmr3}));
  EXPECT_TRUE(log->extends(3));
  EXPECT_EQ(secure_boot_from_log(*log).state, SecureBoot::off);
}

}  // namespace
}  // namespace quoin
