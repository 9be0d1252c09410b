#include "src/simulator/td_report.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "src/crypto/sha2.h"
#include "src/simulator/platform.h"
#include "src/simulator/quote_writer.h"
#include "src/simulator/samples_testing.h"

namespace quoin::simulator {
namespace {

class TdReportTest : public testing::Test {
 protected:
  TdReportStruct report() const {
    return parse_td_report(platform_.td_report(default_td_state(), test_report_data())).value();
  }

  // With the hashes and the MAC of what it says now.
  TdReportStruct signed_again(TdReportStruct report) const {
    report.report_mac_struct.tee_tcb_info_hash = tee_tcb_info_hash(report);
    report.report_mac_struct.tee_info_hash = tee_info_hash(report);
    report.report_mac_struct.mac = report_mac(platform_.seed(), report);
    return report;
  }

  Platform platform_{test_seed(1), kIssued};
};

TEST_F(TdReportTest, RefusesWhatHasBeenChanged) {
  const Bytes good = platform_.td_report(default_td_state(), test_report_data());
  ASSERT_TRUE(platform_.quote(good).ok());
  // One byte in each part: version, CPUSVN, each hash, report data, MAC, TEE_TCB_INFO, TDINFO.
  for (const size_t offset : {2u, 16u, 32u, 80u, 128u, 224u, 280u, 493u, 512u, 528u, 1023u}) {
    Bytes changed = good;
    changed[offset] ^= 1;
    const Result<Bytes> quote = platform_.quote(changed);
    ASSERT_FALSE(quote.ok()) << offset;
    EXPECT_EQ(quote.error().code, ErrorCode::refused) << offset;
  }
  EXPECT_FALSE(platform_.quote(ByteView(good).first(1023)).ok());
  EXPECT_EQ(Platform(test_seed(2), kIssued).quote(good).error().code, ErrorCode::refused);
}

TEST_F(TdReportTest, HashesTheTwoParts) {
  const Bytes bytes = platform_.td_report(default_td_state(), test_report_data());
  ASSERT_EQ(bytes.size(), 1024u);
  const ByteView view(bytes);
  EXPECT_TRUE(equal(view.subspan(32, 48), sha384(view.subspan(256, 239))));
  EXPECT_TRUE(equal(view.subspan(80, 48), sha384(view.subspan(512, 512))));
  EXPECT_TRUE(equal(view.subspan(128, 64), test_report_data()));
  EXPECT_FALSE(all_zero(view.subspan(224, 32)));
}

TEST_F(TdReportTest, HasMeasurementsThatAnybodyCanRecompute) {
  const TdState state = default_td_state();
  EXPECT_EQ(state.mr_td, sha384(as_bytes("quoin simulator: mrtd")));
  EXPECT_EQ(state.rtmr0, sha384(as_bytes("quoin simulator: rtmr0")));
  EXPECT_EQ(state.rtmr1, sha384(as_bytes("quoin simulator: rtmr1")));
  EXPECT_EQ(state.rtmr2, sha384(as_bytes("quoin simulator: rtmr2")));
  EXPECT_TRUE(all_zero(state.rtmr3));
}

TEST_F(TdReportTest, ExtendsOneRegister) {
  const ByteArray<48> digest = sha384(as_bytes("event"));
  TdState state = default_td_state();
  EXPECT_EQ(extend_rtmr(state, 4, digest).error().code, ErrorCode::invalid_argument);
  ASSERT_TRUE(extend_rtmr(state, 3, digest).ok());
  EXPECT_EQ(state.rtmr3, sha384({ByteArray<48>{}, digest}));
  EXPECT_EQ(state.rtmr2, default_td_state().rtmr2);
  ASSERT_TRUE(extend_rtmr(state, 0, digest).ok());
  EXPECT_EQ(state.rtmr0, sha384({default_td_state().rtmr0, digest}));
}

// The table of quoting_enclave_tdqe.cpp: which quote Intel's TDQE makes of which report.
TEST_F(TdReportTest, BecomesTheQuoteThatIntelsEnclaveChooses) {
  const ByteArray<8> tdx_10 = {0xff, 0x01};
  const ByteArray<8> tdx_15 = {0xff, 0x01, 0x03};
  const struct {
    const char* name;
    ByteArray<8> valid;
    bool same_svn2;
    bool service_td;
    int version;
  } kTests[] = {
      {"1.0", tdx_10, true, false, 4},
      {"1.0, SVN2 says nothing", tdx_10, false, false, 4},
      {"1.5, module as launched", tdx_15, true, false, 4},
      {"1.5, module updated", tdx_15, false, false, 5},
      {"1.0, service TD", tdx_10, false, true, 5},
      {"1.5, service TD", tdx_15, true, true, 5},
      {"1.5, both", tdx_15, false, true, 5},
      {"unknown VALID", {0xff, 0x03}, true, false, 0},
  };
  for (const auto& test : kTests) {
    SCOPED_TRACE(test.name);
    TdReportStruct changed = report();
    changed.tee_tcb_info.valid = test.valid;
    if (!test.same_svn2) changed.tee_tcb_info.tee_tcb_svn2[0] += 2;
    changed.report_mac_struct.version = test.service_td ? 1 : 0;
    if (test.service_td) changed.td_info.servtd_hash.fill(7);
    changed = signed_again(changed);

    const Result<Bytes> bytes = platform_.quote(serialise(changed));
    if (test.version == 0) {
      ASSERT_FALSE(bytes.ok());
      EXPECT_EQ(bytes.error().code, ErrorCode::unsupported);
      continue;
    }
    ASSERT_TRUE(bytes.ok()) << bytes.error().what;
    const Quote quote = parse_quote(*bytes).value();
    EXPECT_EQ(quote.header.version, test.version);
    EXPECT_EQ(quote.body_type(),
              test.version == 4 ? BodyType::td_report_10 : BodyType::td_report_15);
    if (test.version == 4) continue;
    const TdReport15Extra& extra = *quote.td_report_15();
    EXPECT_EQ(extra.tee_tcb_svn2, test.valid == tdx_10 ? changed.tee_tcb_info.tee_tcb_svn
                                                       : changed.tee_tcb_info.tee_tcb_svn2);
    EXPECT_EQ(extra.mr_service_td, changed.td_info.servtd_hash);
  }
}

TEST_F(TdReportTest, SaysWhetherAServiceTdIsBound) {
  EXPECT_EQ(report().report_mac_struct.version, 0);
  TdState state = default_td_state();
  state.servtd_hash.fill(7);
  const Bytes bytes = platform_.td_report(state, test_report_data());
  EXPECT_EQ(parse_td_report(bytes)->report_mac_struct.version, 1);
  EXPECT_TRUE(platform_.quote(bytes).ok());
}

}  // namespace
}  // namespace quoin::simulator
