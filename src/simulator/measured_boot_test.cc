#include "src/simulator/measured_boot.h"

#include <gtest/gtest.h>

#include "quoin/eventlog.h"
#include "src/crypto/sha2.h"

namespace quoin::simulator {
namespace {

constexpr const char* kSecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

TEST(MeasuredBoot, RefusesALogThatCannotBeReplayed) {
  SoftwareTd td = default_software_td("boot");
  const TdState before = td.state;
  EXPECT_FALSE(replay_ccel(td).ok());
  td.ccel = Bytes(100, 0xab);
  EXPECT_FALSE(replay_ccel(td).ok());
  EXPECT_EQ(td.state.rtmr0, before.rtmr0);
  EXPECT_EQ(td.boot_rtmr[0], before.rtmr0);
}

TEST(MeasuredBoot, HasTheRegistersOfItsLog) {
  SoftwareTd td = default_software_td("boot");
  ASSERT_TRUE(extend_rtmr(td.state, 3, {}).ok());
  const ByteArray<48> rtmr3 = td.state.rtmr3;
  ASSERT_TRUE(boot_measured(td).ok());
  const Result<CcEventLog> log = CcEventLog::parse(td.ccel);
  ASSERT_TRUE(log.ok()) << log.error().what;
  EXPECT_EQ(log->replayed_rtmrs()[0], td.state.rtmr0);
  EXPECT_EQ(log->replayed_rtmrs()[1], td.state.rtmr1);
  EXPECT_EQ(log->replayed_rtmrs()[2], td.state.rtmr2);
  EXPECT_EQ(td.state.rtmr3, rtmr3);
  // Anybody can recompute it.
  const Sha384Digest line = sha384(as_bytes("quoin simulator: kernel command line"));
  EXPECT_EQ(td.state.rtmr2, sha384({ByteArray<48>{}, line}));
  for (const CcEvent& event : log->events()) {
    EXPECT_NE(data_is_measured(event), DataMeasured::no) << event.type;
  }
  reboot(td, "again");
  EXPECT_EQ(log->replayed_rtmrs()[0], td.state.rtmr0);
}

TEST(MeasuredBoot, MeasuresTheVariablesOfSecureBoot) {
  SoftwareTd off = default_software_td("boot");
  SoftwareTd on = off;
  ASSERT_TRUE(boot_measured(off).ok());
  ASSERT_TRUE(set_efi_variable(on, {kSecureBoot, 6, {1}}).ok());
  ASSERT_TRUE(boot_measured(on).ok());
  EXPECT_NE(on.state.rtmr0, off.state.rtmr0);
  EXPECT_EQ(on.state.rtmr1, off.state.rtmr1);
  const CcEventLog log = CcEventLog::parse(on.ccel).value();
  const Result<UefiVariable> variable = parse_uefi_variable(log.events().front().data);
  ASSERT_TRUE(variable.ok());
  EXPECT_EQ(variable->name, "SecureBoot");
  EXPECT_TRUE(equal(variable->data, Bytes{1}));
}

}  // namespace
}  // namespace quoin::simulator
