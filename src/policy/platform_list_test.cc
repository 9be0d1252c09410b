#include <gtest/gtest.h>

#include <string>

#include "quoin/policy.h"
#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

std::string hex(char digit, size_t count) { return std::string(count, digit); }

TEST(PlatformList, ReadsOneALine) {
  const auto list = parse_platform_list("# ours\n\nppid " + hex('1', 32) + "\r\n  fmspc\t" +
                                        hex('A', 12) + " # rack 7\nplatform_instance_id " +
                                        hex('3', 32) + "\nppid " + hex('1', 32));
  ASSERT_TRUE(list.ok()) << list.error().what;
  EXPECT_EQ(list->size(), 3u) << "one stands twice";
  EXPECT_EQ(list->ppids.begin()->front(), 0x11);
  EXPECT_EQ(list->fmspcs.begin()->front(), 0xaa);
  EXPECT_EQ(list->platform_instance_ids.begin()->front(), 0x33);
  EXPECT_TRUE(parse_platform_list("")->empty());
  EXPECT_TRUE(parse_platform_list("# nothing\n")->empty());
}

TEST(PlatformList, WhatIsNotUnderstoodIsRefused) {
  const std::string good = "ppid " + hex('1', 32) + "\n";
  for (const std::string& bad :
       {std::string("ppid"), "ppid " + hex('1', 31), "ppid " + hex('1', 34), "ppid " + hex('g', 32),
        "fmspc " + hex('1', 32), "platform_instance_id " + hex('1', 12), "PPID " + hex('1', 32),
        hex('1', 32), "ppid " + hex('1', 32) + " " + hex('1', 32), "ppid=" + hex('1', 32),
        std::string("\0", 1)}) {
    const auto list = parse_platform_list(good + bad + "\n" + good);
    ASSERT_FALSE(list.ok()) << bad;
    EXPECT_EQ(list.error().code, ErrorCode::malformed);
    EXPECT_NE(list.error().what.find("line 2: "), std::string::npos) << list.error().what;
  }
}

TEST(PlatformList, IsBounded) {
  EXPECT_EQ(parse_platform_list(std::string((size_t{16} << 20) + 1, '\n')).error().code,
            ErrorCode::too_large);
  std::string many;
  for (size_t i = 0; i <= 200'000; ++i) {
    const std::string number = std::to_string(i);
    many += "fmspc " + hex('0', 12 - number.size()) + number + "\n";
  }
  EXPECT_EQ(parse_platform_list(many).error().code, ErrorCode::too_large);
}

TEST(PlatformList, AnyEntryNamesAPlatform) {
  const PlatformIdentity platform = good_platform();
  PlatformList list;
  EXPECT_FALSE(list.names(platform));
  list.ppids = {ByteArray<16>{}, platform.ppid};
  EXPECT_TRUE(list.names(platform));
  list = {};
  list.fmspcs = {platform.fmspc};
  EXPECT_TRUE(list.names(platform));
  list = {};
  list.platform_instance_ids = {*platform.platform_instance_id};
  EXPECT_TRUE(list.names(platform));
  list.platform_instance_ids = {platform.ppid};
  EXPECT_FALSE(list.names(platform)) << "an id of one kind is none of another";
  PlatformIdentity single = platform;
  single.platform_instance_id.reset();
  list.platform_instance_ids = {ByteArray<16>{}};
  EXPECT_FALSE(list.names(single)) << "no instance is not instance zero";
}

}  // namespace
}  // namespace quoin
