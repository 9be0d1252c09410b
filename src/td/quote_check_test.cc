#include "src/td/quote_check.h"

#include <gtest/gtest.h>

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
  }
}

TEST(CheckedQuote, OtherReportDataAreRefused) {
  const Bytes quote = TestMachine().quote(sample_report_data(9));
  const Result<Bytes> checked = checked_quote(quote, sample_report_data());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::refused);
}

TEST(CheckedQuote, AnEnclavesQuoteIsRefused) {
  const simulator::Platform platform(simulator::test_seed(1), simulator::kIssued);
  const EnclaveReport report = simulator::default_enclave_report(sample_report_data());
  const Bytes quote = simulator::write_quote(platform.seed(), platform.quote_parts(report, 3));
  ASSERT_TRUE(parse_quote(quote).ok());
  const Result<Bytes> checked = checked_quote(quote, sample_report_data());
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::refused);
}

TEST(CheckedQuote, OneThatEndsEarlyIsTruncated) {
  const Bytes quote = TestMachine().quote(sample_report_data());
  for (size_t size = 1; size < quote.size(); size += 97) {
    EXPECT_FALSE(checked_quote(ByteView(quote).first(size), sample_report_data()).ok()) << size;
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
  }
  // The MAC is not in a quote.
  Bytes other_mac = report;
  other_mac[224] ^= 1;
  EXPECT_TRUE(checked_quote_of_report(quote, other_mac).ok());
}

TEST(CheckedQuote, WhatIsNoReportHasNoQuote) {
  const Bytes quote = TestMachine().quote(sample_report_data());
  EXPECT_FALSE(checked_quote_of_report(quote, Bytes(1023)).ok());
  EXPECT_FALSE(checked_quote_of_report({}, TestMachine().report(sample_report_data())).ok());
}

}  // namespace
}  // namespace quoin::td
