#include <gtest/gtest.h>

#include "quoin/quote.h"
#include "src/base/testing_files.h"
#include "src/crypto/sha2.h"

namespace quoin {
namespace {

Bytes sample() {
  Bytes bytes(1024);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 7);
  bytes[0] = 0x81;
  return bytes;
}

TEST(ParseTdReport, FieldsStandWhereTheSpecificationSays) {
  const Bytes bytes = sample();
  const ByteView view(bytes);
  const auto report = parse_td_report(bytes);
  ASSERT_TRUE(report.ok());
  EXPECT_TRUE(equal(view.subspan(16, 16), report->report_mac_struct.cpu_svn));
  EXPECT_TRUE(equal(view.subspan(32, 48), report->report_mac_struct.tee_tcb_info_hash));
  EXPECT_TRUE(equal(view.subspan(80, 48), report->report_mac_struct.tee_info_hash));
  EXPECT_TRUE(equal(view.subspan(128, 64), report->report_mac_struct.report_data));
  EXPECT_TRUE(equal(view.subspan(224, 32), report->report_mac_struct.mac));
  EXPECT_TRUE(equal(view.subspan(264, 16), report->tee_tcb_info.tee_tcb_svn));
  EXPECT_TRUE(equal(view.subspan(280, 48), report->tee_tcb_info.mr_seam));
  EXPECT_TRUE(equal(view.subspan(384, 16), report->tee_tcb_info.tee_tcb_svn2));
  EXPECT_TRUE(equal(view.subspan(512, 8), report->td_info.attributes));
  EXPECT_TRUE(equal(view.subspan(528, 48), report->td_info.mr_td));
  EXPECT_TRUE(equal(view.subspan(720, 48), report->td_info.rtmr0));
  EXPECT_TRUE(equal(view.subspan(864, 48), report->td_info.rtmr3));
  EXPECT_TRUE(equal(view.subspan(912, 48), report->td_info.servtd_hash));
}

TEST(ParseTdReport, RoundTrips) {
  const Bytes bytes = sample();
  EXPECT_EQ(serialise(*parse_td_report(bytes)), bytes);
}

TEST(ParseTdReport, OtherSizesAndTypesAreRefused) {
  Bytes bytes = sample();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(parse_td_report(ByteView(bytes).first(size)).error().code, ErrorCode::truncated);
  }
  bytes.push_back(0);
  EXPECT_EQ(parse_td_report(bytes).error().code, ErrorCode::trailing_bytes);
  bytes.pop_back();
  bytes[0] = 0;
  EXPECT_EQ(parse_td_report(bytes).error().code, ErrorCode::unsupported) << "an SGX report";
}

// The hashes of a real report recompute, so the parts stand where we read them.
TEST(ParseTdReport, ARealReportsHashesRecompute) {
  const auto path = testing_files::vectors() / "eventlogs" / "live.tdreport.bin";
  const Bytes bytes = testing_files::read(path);
  if (bytes.empty()) GTEST_SKIP() << "no real TDREPORT at " << path << " (set QUOIN_VECTORS)";
  const auto report = parse_td_report(bytes);
  ASSERT_TRUE(report.ok()) << report.error().what;
  const ByteView view(bytes);
  EXPECT_EQ(report->report_mac_struct.tee_tcb_info_hash, sha384(view.subspan(256, 239)));
  EXPECT_EQ(report->report_mac_struct.tee_info_hash, sha384(view.subspan(512, 512)));
  EXPECT_EQ(serialise(*report), bytes);
}

}  // namespace
}  // namespace quoin
