#include "src/td/detect.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace quoin::td {
namespace {

class Detect : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "quoin-detect-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    paths_ = LinuxPaths::under(name);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  Answer flag_in(const std::string& cpuinfo) const {
    put(paths_.cpuinfo, cpuinfo);
    return detect(paths_).cpu_flag.answer;
  }

  std::string root_;
  LinuxPaths paths_;
};

TEST_F(Detect, AnEmptyTreeSpeaksForNothing) {
  const Evidence evidence = detect(paths_);
  EXPECT_EQ(evidence.cpu_flag.answer, Answer::unknown);
  EXPECT_EQ(evidence.device.answer, Answer::no);
  EXPECT_EQ(evidence.tsm.answer, Answer::no);
  EXPECT_EQ(evidence.measurements.answer, Answer::no);
  EXPECT_NE(evidence.device.seen.find(paths_.guest_device), std::string::npos);
}

TEST_F(Detect, EachProbeLooksAtItsOwnPlace) {
  put(paths_.guest_device, "");
  EXPECT_EQ(detect(paths_).device.answer, Answer::yes);
  EXPECT_EQ(detect(paths_).tsm.answer, Answer::no);
  std::filesystem::create_directories(paths_.tsm_report);
  EXPECT_EQ(detect(paths_).tsm.answer, Answer::yes);
  EXPECT_EQ(detect(paths_).measurements.answer, Answer::no);
  std::filesystem::create_directories(paths_.measurements);
  EXPECT_EQ(detect(paths_).measurements.answer, Answer::yes);
}

TEST_F(Detect, TheFlagIsAWordOfTheLineOfFlags) {
  EXPECT_EQ(flag_in("processor\t: 0\nflags\t\t: fpu tdx_guest sse\n"), Answer::yes);
  EXPECT_EQ(flag_in("flags\t\t: fpu tdx_guest"), Answer::yes);
  EXPECT_EQ(flag_in("flags\t\t: fpu xtdx_guest tdx_guests\n"), Answer::no);
  EXPECT_EQ(flag_in("model name\t: tdx_guest\nflags\t\t: fpu\n"), Answer::no);
  EXPECT_EQ(flag_in("flags tdx_guest\n"), Answer::no);
  EXPECT_EQ(flag_in(""), Answer::no);
}

TEST_F(Detect, TheMachinesOwnDeviceIsLookedForByDefault) {
  EXPECT_EQ(detect().device.answer == Answer::yes, access("/dev/tdx_guest", F_OK) == 0);
}

TEST(Evidence, ProcessorOrDriverSpeakForATd) {
  const Probe yes{.answer = Answer::yes, .seen = {}};
  EXPECT_FALSE(Evidence{}.any());
  EXPECT_TRUE((Evidence{.cpuid = yes}.any()));
  EXPECT_TRUE((Evidence{.device = yes}.any()));
  EXPECT_FALSE((Evidence{.cpu_flag = yes, .tsm = yes, .measurements = yes}.any()));
}

}  // namespace
}  // namespace quoin::td
