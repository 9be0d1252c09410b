// Several who ask one TD for quotes at once, through system calls on a TD in software: threads,
// processes, and one that is killed.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "src/simulator/mount_testing.h"
#include "src/td/linux_td.h"
#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

using simulator::MountedTd;

constexpr uint8_t kQuotesEach = 2;
constexpr uint8_t kAskers[] = {1, 2, 3};

// One TD for all of the tests, since there are threads behind the first.
class LinuxTdAtOnce : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (MountedTd::is_possible()) {
      mounted_ = std::make_unique<MountedTd>(simulator::MountedTdSettings{.faults = {"slow=40"}});
    }
  }
  static void TearDownTestSuite() { mounted_.reset(); }
  void SetUp() override {
    if (mounted_ == nullptr) GTEST_SKIP() << MountedTd::kWhyNot;
    options_ = {.paths = LinuxPaths::under(mounted_->root()), .quote_timeout = long_enough()};
  }

  // Whether `td` gives the quotes that are for `who`, and no others.
  static bool gets_its_own(LinuxTd& td, uint8_t who) {
    for (uint8_t i = 0; i < kQuotesEach; ++i) {
      ByteArray<64> report_data = sample_report_data(who);
      report_data[1] = i;
      const Result<Bytes> quote = td.quote(report_data);
      if (!quote.ok() || *quote != mounted_->td().quote(report_data).value()) return false;
    }
    return true;
  }
  bool has_no_entry() const { return std::filesystem::is_empty(options_.paths.tsm_report); }

  inline static std::unique_ptr<MountedTd> mounted_;
  LinuxTdOptions options_;
};

// Processes first: a child has no thread but the one that forked.
TEST_F(LinuxTdAtOnce, ProcessesEachGetTheirs) {
  std::vector<pid_t> children;
  for (const uint8_t who : kAskers) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      LinuxTd td(options_);
      _exit(gets_its_own(td, who) ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_TRUE(has_no_entry());
}

TEST_F(LinuxTdAtOnce, WhatTheKilledLeaveIsRemoved) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    LinuxTd td(options_);
    for (;;) gets_its_own(td, 1);
  }
  const Deadline deadline = deadline_after(long_enough());
  bool left = false;
  while (!left && !has_passed(deadline)) {
    if (has_no_entry()) continue;
    kill(child, SIGSTOP);
    ASSERT_EQ(waitpid(child, nullptr, WUNTRACED), child);
    left = !has_no_entry();
    if (!left) kill(child, SIGCONT);
  }
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  ASSERT_TRUE(left);
  EXPECT_FALSE(has_no_entry());
  LinuxTd td(options_);
  EXPECT_TRUE(gets_its_own(td, 2));
  EXPECT_TRUE(has_no_entry());
}

TEST_F(LinuxTdAtOnce, ThreadsEachGetTheirs) {
  LinuxTd shared(options_);
  LinuxTd own(options_);
  std::vector<std::thread> threads;
  for (const uint8_t who : kAskers) {
    LinuxTd& td = who == 3 ? own : shared;
    threads.emplace_back([&td, who] { EXPECT_TRUE(gets_its_own(td, who)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(has_no_entry());
}

}  // namespace
}  // namespace quoin::td
