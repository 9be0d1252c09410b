#include "src/td/quote_check.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

TEST(CheckedQuote, NothingIsNoQuote) {
  const Result<Bytes> checked = checked_quote({}, sample_report_data());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::truncated);
  EXPECT_FALSE(checked.error().hint.empty());
}

TEST(CheckedQuote, DiceIsNamedAndUnsupported) {
  for (const Bytes& bytes :
       {Bytes{0xd2, 0x84}, Bytes{0xd8, 0x3d, 0xd2}, Bytes{0xd9, 1, 2}, Bytes{0x84, 0x43}}) {
    const Result<Bytes> checked = checked_quote(bytes, sample_report_data());
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
    EXPECT_NE(checked.error().what.find("DICE"), std::string::npos);
    EXPECT_FALSE(checked.error().hint.empty());
  }
}

TEST(CheckedQuote, OtherReportDataAreRefused) {
  const Bytes quote = TestMachine().quote(sample_report_data(9));
  const Result<Bytes> checked = checked_quote(quote, sample_report_data());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::refused);
  EXPECT_FALSE(checked.error().hint.empty());
}

TEST(CheckedQuote, AnEnclavesQuoteIsRefused) {
  const simulator::Platform platform(simulator::test_seed(1), simulator::kIssued);
  const EnclaveReport report = simulator::default_enclave_report(sample_report_data());
  const Bytes quote = simulator::write_quote(platform.seed(), platform.quote_parts(report, 3));
  ASSERT_TRUE(parse_quote(quote).ok());
  const Result<Bytes> checked = checked_quote(quote, sample_report_data());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::refused);
  EXPECT_FALSE(checked.error().hint.empty());
}

TEST(CheckedQuote, OneThatEndsEarlyIsTruncated) {
  const Bytes quote = TestMachine().quote(sample_report_data());
  for (size_t size = 1; size < quote.size(); size += 97) {
    const Result<Bytes> checked = checked_quote(ByteView(quote).first(size), sample_report_data());
    ASSERT_FALSE(checked.ok()) << size;
    EXPECT_FALSE(checked.error().hint.empty()) << size;
  }
}

TEST(CheckedQuote, PaddingIsTakenAway) {
  const Bytes quote = TestMachine().quote(sample_report_data());
  Bytes padded = quote;
  padded.resize(8192);
  EXPECT_EQ(checked_quote(quote, sample_report_data()).value(), quote);
  EXPECT_EQ(checked_quote(padded, sample_report_data()).value(), quote);
}

TEST(CheckedQuote, EachFieldOfTheReportMustBeInTheQuote) {
  const TestMachine machine;
  const Bytes report = machine.report(sample_report_data());
  const Bytes quote = machine.quote_of(report);
  EXPECT_EQ(checked_quote_of_report(quote, report).value(), quote);
  // Where the fields of a TDREPORT stand that a quote has too: report data; TEE_TCB_SVN, MRSEAM,
  // MRSIGNERSEAM, SEAM attributes; attributes, XFAM, MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG,
  // RTMRs.
  for (const unsigned offset : {128U, 191U, 264U, 280U, 328U, 376U, 512U, 520U, 528U, 576U, 624U,
                                672U, 720U, 768U, 816U, 864U, 911U}) {
    Bytes other = report;
    other[offset] ^= 1;
    const Result<Bytes> checked = checked_quote_of_report(quote, other);
    ASSERT_FALSE(checked.ok()) << offset;
    EXPECT_EQ(checked.error().code, ErrorCode::refused) << offset;
    EXPECT_FALSE(checked.error().hint.empty()) << offset;
  }
  // The MAC is not in a quote.
  Bytes other_mac = report;
  other_mac[224] ^= 1;
  EXPECT_TRUE(checked_quote_of_report(quote, other_mac).ok());
}

// A TDREPORT and the body of a quote, whoever made them; the bodies of 1.0 and 1.5 are cut from one
// of type 4.
struct Pair {
  TdReportStruct report;
  TdReport15Ex body;
};

Result<Bytes> check(const Pair& pair, BodyType type) {
  const simulator::Platform platform(simulator::test_seed(1), simulator::kIssued);
  simulator::QuoteBody body = pair.body;
  if (type == BodyType::td_report_10) body = static_cast<const TdReport10&>(pair.body);
  if (type == BodyType::td_report_15) body = static_cast<const TdReport15&>(pair.body);
  const Bytes quote = simulator::write_quote(
      platform.seed(), platform.quote_parts(body, type == BodyType::td_report_10 ? 4 : 5));
  return checked_quote_of_report(quote, serialise(pair.report));
}

// A report with everything that the newest module says, and what the enclave quotes of it.
Pair whole_pair() {
  Pair pair;
  pair.report = parse_td_report(TestMachine().report(sample_report_data())).value();
  pair.report.report_mac_struct.version = 3;
  pair.report.tee_tcb_info.tee_tcb_svn2[0] = 9;
  TdReportStruct::TdInfo& td = pair.report.td_info;
  td.servtd_hash.fill(7);
  td.reserved.fill(5);
  td.reserved[56] = 2;
  td.reserved[60] = 0;
  td.reserved[61] = 3;
  pair.body = std::get<TdReport15Ex>(
      simulator::td_quote_body(pair.report, BodyType::td_report_15_ex).value());
  pair.body.td_id.fill(5);
  pair.body.vm_id = 2;
  return pair;
}

constexpr ByteArray<8> kValidOf10 = {0xff, 0x01};

TEST(CheckedQuote, EachFieldOf15MustBeTheReports) {
  const struct {
    const char* name;
    void (*change)(Pair&);
    bool in_15;  // and not in type 4 alone
  } kTests[] = {
      {"mr_service_td", [](Pair& p) { p.body.mr_service_td[47] ^= 1; }, true},
      {"mr_service_td", [](Pair& p) { p.body.mr_service_td = {}; }, true},
      {"mr_service_td", [](Pair& p) { p.report.td_info.servtd_hash[0] ^= 1; }, true},
      {"mr_service_td", [](Pair& p) { p.report.td_info.servtd_hash = {}; }, true},
      {"tee_tcb_svn2", [](Pair& p) { p.body.tee_tcb_svn2[15] ^= 1; }, true},
      {"tee_tcb_svn2", [](Pair& p) { p.body.tee_tcb_svn2 = {}; }, true},
      {"tee_tcb_svn2", [](Pair& p) { p.body.tee_tcb_svn2 = p.body.tee_tcb_svn; }, true},
      {"tee_tcb_svn2", [](Pair& p) { p.report.tee_tcb_info.tee_tcb_svn2[0] ^= 1; }, true},
      {"tee_tcb_svn2", [](Pair& p) { p.report.tee_tcb_info.valid = kValidOf10; }, true},
      {"tee_tcb_svn", [](Pair& p) { p.body.tee_tcb_svn = {}; }, true},
      {"td_id", [](Pair& p) { p.body.td_id[31] ^= 1; }, false},
      {"td_id", [](Pair& p) { p.report.td_info.reserved[0] ^= 1; }, false},
      {"td_id", [](Pair& p) { p.report.td_info.reserved[61] = 2; }, false},
      {"vm_id", [](Pair& p) { p.body.vm_id = 1; }, false},
      {"vm_id", [](Pair& p) { p.report.td_info.reserved[61] = 1; }, false},
  };
  for (const BodyType type : {BodyType::td_report_15, BodyType::td_report_15_ex}) {
    EXPECT_TRUE(check(whole_pair(), type).ok());
    for (const auto& test : kTests) {
      SCOPED_TRACE(std::string(test.name) + " " + std::to_string(&test - kTests));
      Pair pair = whole_pair();
      test.change(pair);
      const Result<Bytes> checked = check(pair, type);
      const bool refused = test.in_15 || type == BodyType::td_report_15_ex;
      ASSERT_EQ(!checked.ok(), refused);
      if (!refused) continue;
      EXPECT_EQ(checked.error().code, ErrorCode::refused);
      EXPECT_EQ(checked.error().what,
                "the quote is not of that report: its " + std::string(test.name) + " is another");
    }
  }
}

TEST(CheckedQuote, ABodyOf10IsOfAReportThatHasNoMore) {
  const struct {
    const char* name;
    void (*change)(TdReportStruct&);
    bool ok;
  } kTests[] = {
      {"the module that was launched", [](TdReportStruct&) {}, true},
      {"another module now", [](TdReportStruct& r) { r.tee_tcb_info.tee_tcb_svn2[0] += 2; }, false},
      {"none now", [](TdReportStruct& r) { r.tee_tcb_info.tee_tcb_svn2 = {}; }, false},
      {"1.0 has no SVN2",
       [](TdReportStruct& r) {
         r.tee_tcb_info.tee_tcb_svn2 = {};
         r.tee_tcb_info.valid = kValidOf10;
       },
       true},
      {"a service TD", [](TdReportStruct& r) { r.td_info.servtd_hash[47] = 1; }, false},
      {"1.0 with a service TD",
       [](TdReportStruct& r) {
         r.tee_tcb_info.valid = kValidOf10;
         r.td_info.servtd_hash[0] = 1;
       },
       false},
  };
  for (const auto& test : kTests) {
    SCOPED_TRACE(test.name);
    Pair pair;
    pair.report = parse_td_report(TestMachine().report(sample_report_data())).value();
    test.change(pair.report);
    pair.body = std::get<TdReport15Ex>(
        simulator::td_quote_body(pair.report, BodyType::td_report_15_ex).value());
    EXPECT_EQ(check(pair, BodyType::td_report_10).ok(), test.ok);
  }
}

// A service TD under a module that has no TEE_TCB_SVN2: what Intel's enclave is documented to
// quote, and what its code does.
TEST(CheckedQuote, WithoutSvn2TheEnclaveMayQuoteItTwoWays) {
  Pair pair = whole_pair();
  pair.report.tee_tcb_info.valid = kValidOf10;
  pair.report.tee_tcb_info.tee_tcb_svn2 = {};
  const ByteArray<16> svn = pair.report.tee_tcb_info.tee_tcb_svn;
  ByteArray<16> other = svn;
  other[0] ^= 1;
  const struct {
    ByteArray<16> svn;
    ByteArray<16> svn2;
    bool ok;
  } kTests[] = {
      {svn, svn, true},   {{}, {}, true},        {svn, {}, false},    {{}, svn, false},
      {other, {}, false}, {other, other, false}, {svn, other, false}, {other, svn, false},
  };
  for (const BodyType type : {BodyType::td_report_15, BodyType::td_report_15_ex}) {
    for (const auto& test : kTests) {
      SCOPED_TRACE(&test - kTests);
      pair.body.tee_tcb_svn = test.svn;
      pair.body.tee_tcb_svn2 = test.svn2;
      EXPECT_EQ(check(pair, type).ok(), test.ok);
    }
  }
}

TEST(CheckedQuote, WhatIsNoReportHasNoQuote) {
  const Bytes quote = TestMachine().quote(sample_report_data());
  EXPECT_FALSE(checked_quote_of_report(quote, Bytes(1023)).ok());
  EXPECT_FALSE(checked_quote_of_report({}, TestMachine().report(sample_report_data())).ok());
}

}  // namespace
}  // namespace quoin::td
