#include "src/td/secure_boot.h"

#include <gtest/gtest.h>

#include "src/simulator/mount_testing.h"
#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

constexpr const char* kSecureBoot = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr const char* kSetupMode = "SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c";

class LocalSecureBoot : public WithDirectory {
 protected:
  // The answer where both variables are such files; no file for an empty one.
  Answer answer(ByteView secure_boot, ByteView setup_mode) const {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    if (!secure_boot.empty()) put(path(kSecureBoot), secure_boot);
    if (!setup_mode.empty()) put(path(kSetupMode), setup_mode);
    const Probe probe = local_secure_boot(directory_);
    EXPECT_FALSE(probe.seen.empty());
    return probe.answer;
  }
};

constexpr ByteArray<5> kOff = {6, 0, 0, 0, 0};
constexpr ByteArray<5> kOn = {6, 0, 0, 0, 1};

TEST_F(LocalSecureBoot, IsWhatTheFirmwareSays) {
  EXPECT_EQ(answer(kOn, kOff), Answer::yes);
  EXPECT_EQ(answer(kOff, kOff), Answer::no);
  EXPECT_EQ(answer(kOff, kOn), Answer::no);
}

TEST_F(LocalSecureBoot, IsUnknownWhereNothingSaysIt) {
  EXPECT_EQ(answer({}, {}), Answer::unknown);
  EXPECT_EQ(answer(kOn, {}), Answer::unknown);
  EXPECT_EQ(answer(kOff, {}), Answer::unknown);
  EXPECT_EQ(answer({}, kOff), Answer::unknown);
  EXPECT_EQ(local_secure_boot(path("nowhere")).answer, Answer::unknown);
}

TEST_F(LocalSecureBoot, IsUnknownWhereTheVariablesAreNotTheFirmwares) {
  EXPECT_EQ(answer(kOn, kOn), Answer::unknown);
  const Bytes others[] = {
      {6, 0, 0, 0},           // attributes alone
      {6, 0, 0},              // less
      {6, 0, 0, 0, 1, 0},     // two bytes of value
      {6, 0, 0, 0, 1, 0, 0},  // more than is read
      {6, 0, 0, 0, 2},        // neither 0 nor 1
      {7, 0, 0, 0, 1},        // non-volatile: stored, maybe by who runs here
      {7, 0, 0, 0, 0},        //
      {2, 0, 0, 0, 1},        // gone at run time, and yet here
      {6, 0, 0, 1, 1},        // an attribute that there is not
  };
  for (const Bytes& other : others) {
    EXPECT_EQ(answer(other, kOff), Answer::unknown) << testing::PrintToString(other);
    EXPECT_EQ(answer(kOn, other), Answer::unknown) << testing::PrintToString(other);
    EXPECT_EQ(answer(kOff, other), Answer::unknown) << testing::PrintToString(other);
  }
}

TEST(LocalSecureBootOfATd, IsReadFromItsVariables) {
  if (!simulator::MountedTd::is_possible()) GTEST_SKIP() << simulator::MountedTd::kWhyNot;
  simulator::MountedTdSettings settings;
  ASSERT_TRUE(set_efi_variable(settings.td, {kSecureBoot, 6, {1}}).ok());
  ASSERT_TRUE(set_efi_variable(settings.td, {kSetupMode, 6, {0}}).ok());
  const simulator::MountedTd mounted(settings);
  EXPECT_EQ(local_secure_boot(LinuxPaths::under(mounted.root()).efivars).answer, Answer::yes);
}

}  // namespace
}  // namespace quoin::td
