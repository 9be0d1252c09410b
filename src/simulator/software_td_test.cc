#include "src/simulator/software_td.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "src/base/hex.h"

namespace quoin::simulator {
namespace {

constexpr const char* kSecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr const char* kBootId = "01234567-89ab-4cde-8f01-23456789abcd";

std::string text_of(const SoftwareTd& td) { return std::string(as_text(write_software_td(td))); }

Result<SoftwareTd> read(const std::string& text) { return read_software_td(as_bytes(text)); }

// With a value in everything.
SoftwareTd full_td() {
  SoftwareTd td = default_software_td(kBootId);
  for (const std::string_view name : {"mrconfigid", "mrowner", "mrownerconfig", "mrservicetd"}) {
    EXPECT_TRUE(set_td_setting(td, name, std::string(94, '0') + "7f").ok());
  }
  EXPECT_TRUE(set_td_setting(td, "tee_tcb_svn2", std::string(30, '0') + "09").ok());
  EXPECT_TRUE(set_td_setting(td, "tdx_version", "1.0").ok());
  EXPECT_TRUE(extend_rtmr(td.state, 2, {}).ok());
  EXPECT_TRUE(extend_rtmr(td.state, 3, {}).ok());
  td.ccel = {1, 2, 3};
  EXPECT_TRUE(set_efi_variable(td, {kSecureBoot, 6, {1}}).ok());
  return td;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(SoftwareTdFile, RefusesWhatIsNoFileOfOurs) {
  const std::string good = text_of(full_td());
  ASSERT_TRUE(read(good).ok());
  const struct {
    const char* name;
    std::string text;
  } kTests[] = {
      {"nothing", ""},
      {"no JSON", "tds"},
      {"another kind", "[]"},
      {"an empty object", "{}"},
      {"another version", replaced(good, "\"version\":1", "\"version\":2")},
      {"a version that is no number", replaced(good, "\"version\":1", "\"version\":\"1\"")},
      {"a member that nobody knows", replaced(good, "{", "{\"x\":1,")},
      {"a member that stands twice", replaced(good, "{", "{\"version\":1,")},
      {"no boot id", replaced(good, kBootId, "")},
      {"a boot id that is a path", replaced(good, kBootId, "../../etc")},
      {"a boot id that is too long", replaced(good, kBootId, std::string(65, 'a'))},
      {"half a digit in a register", replaced(good, "\"mrtd\":\"", "\"mrtd\":\"f")},
      {"no hex in a register", replaced(good, "\"mrtd\":\"", "\"mrtd\":\"zz")},
      {"a register that is no text", replaced(good, "\"mrtd\":\"", "\"mrtd\":0,\"x\":\"")},
      {"a register missing", replaced(good, "\"mrtd\":", "\"mrtx\":")},
      {"a boot register too long", replaced(good, "\"boot_rtmr1\":\"", "\"boot_rtmr1\":\"00")},
      {"a boot register missing", replaced(good, "\"boot_rtmr2\":", "\"boot_rtmr3\":")},
      {"another TDX version", replaced(good, "\"tdx_version\":\"1.0\"", "\"tdx_version\":\"2\"")},
      {"an SVN that is too long", replaced(good, "svn2\":\"", "svn2\":\"00")},
      {"an event log that is no hex", replaced(good, "010203", "01020")},
      {"variables that are no list", replaced(good, "\"efi_variables\":[", "\"efi_variables\":{")},
      {"a variable without a GUID", replaced(good, kSecureBoot, "SecureBoot")},
      {"a variable that is a path",
       replaced(good, kSecureBoot, "../x-8be4df61-93ca-11d2-aa0d-00e098032b8c")},
      {"attributes that are too large",
       replaced(good, "\"attributes\":6", "\"attributes\":4294967296")},
      {"a variable with more", replaced(good, "\"attributes\":6", "\"attributes\":6,\"x\":0")},
      {"a variable that stands twice",
       replaced(good, "\"efi_variables\":[",
                std::string("\"efi_variables\":[{\"name\":\"") + kSecureBoot +
                    "\",\"attributes\":6,\"value\":\"00\"},")},
      {"cut off", good.substr(0, good.size() - 3)},
      {"something behind it", good + "{}"},
  };
  for (const auto& test : kTests) {
    const Result<SoftwareTd> td = read(test.text);
    ASSERT_FALSE(td.ok()) << test.name;
    EXPECT_EQ(td.error().code, ErrorCode::malformed) << test.name;
  }
}

TEST(SoftwareTdFile, BoundsWhatIsKept) {
  SoftwareTd td = full_td();
  td.ccel.resize(kMaxCcelBytes);
  EXPECT_TRUE(read(text_of(td)).ok());
  td.ccel.resize(kMaxCcelBytes + 1);
  EXPECT_FALSE(read(text_of(td)).ok());
  EXPECT_FALSE(read(std::string(kMaxSoftwareTdBytes + 1, ' ')).ok());
}

TEST(SoftwareTdFile, KeepsEverything) {
  const SoftwareTd td = full_td();
  const Result<SoftwareTd> again = read(text_of(td));
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_EQ(text_of(*again), text_of(td));
  EXPECT_EQ(again->boot_id, kBootId);
  EXPECT_NE(again->state.rtmr2, again->boot_rtmr[2]);
  EXPECT_EQ(again->boot_rtmr, td.boot_rtmr);
  EXPECT_EQ(again->ccel, td.ccel);
  EXPECT_FALSE(again->tdx_15);
  ASSERT_EQ(again->efi_variables.size(), 1u);
  EXPECT_EQ(again->efi_variables[0].value, Bytes{1});
}

TEST(SoftwareTd, IsWhatASimulatedTdHasAlwaysBeen) {
  const SoftwareTd td = default_software_td(kBootId);
  const TdState wanted = default_td_state();
  EXPECT_EQ(td.state.mr_td, wanted.mr_td);
  EXPECT_EQ(td.state.attributes, wanted.attributes);
  EXPECT_EQ(td.state.xfam, wanted.xfam);
  EXPECT_EQ(td.state.rtmr0, wanted.rtmr0);
  EXPECT_EQ(td.state.rtmr2, wanted.rtmr2);
  EXPECT_TRUE(all_zero(td.state.rtmr3));
  EXPECT_TRUE(all_zero(td.state.servtd_hash));
  EXPECT_TRUE(td.ccel.empty());
}

TEST(SoftwareTd, RefusesSettingsThatMakeNoSense) {
  SoftwareTd td = full_td();
  const std::string before = text_of(td);
  const struct {
    const char* name;
    std::string text;
  } kTests[] = {
      {"mrtd", ""},
      {"mrtd", std::string(94, '0')},
      {"mrtd", std::string(98, '0')},
      {"mrtd", std::string(95, '0') + "g"},
      {"attributes", "00"},
      {"xfam", std::string(96, '0')},
      {"tee_tcb_svn2", "00"},
      {"tdx_version", "1.6"},
      {"tdx_version", ""},
      {"rtmr4", std::string(96, '0')},
      {"boot_id", "x"},
      {"", ""},
  };
  for (const auto& test : kTests) {
    const Result<void> set = set_td_setting(td, test.name, test.text);
    ASSERT_FALSE(set.ok()) << test.name;
    EXPECT_EQ(set.error().code, ErrorCode::invalid_argument) << test.name;
    EXPECT_EQ(text_of(td), before) << test.name;
  }
}

TEST(SoftwareTd, SetsEachOfItsSettings) {
  SoftwareTd td = default_software_td(kBootId);
  std::set<std::string> texts;
  for (const std::string_view name : td_setting_names()) {
    const std::string old = td_setting(td, name);
    std::string wanted = name == "tdx_version" ? "1.0" : std::string(old.size(), 'a');
    if (name == "tee_tcb_svn2") wanted = std::string(32, 'a');
    ASSERT_TRUE(set_td_setting(td, name, wanted).ok()) << name;
    EXPECT_EQ(td_setting(td, name), wanted);
    EXPECT_TRUE(texts.insert(text_of(td)).second) << name;
  }
  ASSERT_TRUE(set_td_setting(td, "tee_tcb_svn2", "").ok());
  EXPECT_FALSE(td.tee_tcb_svn2.has_value());
}

TEST(SoftwareTd, GoesBackToWhatABootLeaves) {
  SoftwareTd td = default_software_td(kBootId);
  ASSERT_TRUE(set_td_setting(td, "rtmr1", std::string(96, 'b')).ok());
  for (const size_t index : {0u, 1u, 2u, 3u}) ASSERT_TRUE(extend_rtmr(td.state, index, {}).ok());
  ASSERT_TRUE(set_td_setting(td, "mrowner", std::string(96, 'c')).ok());
  reboot(td, "another");
  EXPECT_EQ(td.boot_id, "another");
  EXPECT_EQ(td.state.rtmr0, default_td_state().rtmr0);
  EXPECT_EQ(td_setting(td, "rtmr1"), std::string(96, 'b'));
  EXPECT_EQ(td.state.rtmr2, default_td_state().rtmr2);
  EXPECT_TRUE(all_zero(td.state.rtmr3));
  EXPECT_EQ(td_setting(td, "mrowner"), std::string(96, 'c'));
}

TEST(SoftwareTd, HasAnotherBootIdEachTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const std::string id = fresh_boot_id();
    ASSERT_EQ(id.size(), 36u);
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    EXPECT_TRUE(ids.insert(id).second);
    EXPECT_TRUE(read(text_of(default_software_td(id))).ok());
  }
}

TEST(SoftwareTd, SaysWhichModuleRuns) {
  TdReportStruct::TeeTcbInfo platform;
  platform.valid = {0xff, 0x01, 0x03};
  platform.tee_tcb_svn = {5};
  platform.tee_tcb_svn2 = {5};
  SoftwareTd td = default_software_td(kBootId);
  EXPECT_EQ(tee_tcb_info_of(td, platform).tee_tcb_svn2, platform.tee_tcb_svn2);
  td.tee_tcb_svn2 = ByteArray<16>{7};
  EXPECT_EQ(tee_tcb_info_of(td, platform).tee_tcb_svn2, *td.tee_tcb_svn2);
  EXPECT_EQ(tee_tcb_info_of(td, platform).valid, platform.valid);
  td.tdx_15 = false;
  EXPECT_TRUE(all_zero(tee_tcb_info_of(td, platform).tee_tcb_svn2));
  EXPECT_EQ(tee_tcb_info_of(td, platform).valid, (ByteArray<8>{0xff, 0x01}));
  EXPECT_EQ(tee_tcb_info_of(td, platform).tee_tcb_svn, platform.tee_tcb_svn);
}

TEST(SoftwareTd, BoundsItsVariables) {
  SoftwareTd td = default_software_td(kBootId);
  const std::string guid = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  for (const std::string& name :
       {std::string("SecureBoot"), guid, guid.substr(1), "a/b" + guid, "a b" + guid, ".." + guid,
        std::string("PK-8BE4DF61-93ca-11d2-aa0d-00e098032b8c"), "PK" + guid + "0",
        std::string(120, 'a') + guid, std::string("P\0K", 3) + guid}) {
    EXPECT_FALSE(set_efi_variable(td, {name, 0, {}}).ok()) << name;
  }
  EXPECT_FALSE(set_efi_variable(td, {kSecureBoot, 0, Bytes(kMaxEfiValueBytes + 1)}).ok());
  EXPECT_TRUE(td.efi_variables.empty());
  for (size_t i = 0; i < kMaxEfiVariables; ++i) {
    ASSERT_TRUE(set_efi_variable(td, {"V" + std::to_string(i) + guid, 0, {}}).ok());
  }
  EXPECT_FALSE(set_efi_variable(td, {kSecureBoot, 0, {}}).ok());
  ASSERT_TRUE(set_efi_variable(td, {"V7" + guid, 6, {1}}).ok());
  EXPECT_EQ(td.efi_variables.size(), kMaxEfiVariables);
  EXPECT_EQ(td.efi_variables[7].value, Bytes{1});
}

}  // namespace
}  // namespace quoin::simulator
