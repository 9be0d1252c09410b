#include "src/os/file_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

namespace quoin {
namespace {

using std::chrono::milliseconds;

class Lock : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "quoin-lock-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    fd_ = UniqueFd(open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Result<FileLock> take(milliseconds time) const {
    return FileLock::in(fd_.get(), "lock", deadline_after(time));
  }

  std::string directory_;
  UniqueFd fd_;
};

TEST_F(Lock, WhatIsNotThereCannotBeLocked) {
  const auto lock = FileLock::of_existing(directory_ + "/none", deadline_after(milliseconds(0)));
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().code, ErrorCode::not_found);
}

TEST_F(Lock, ALinkIsNotFollowed) {
  ASSERT_EQ(symlink("elsewhere", (directory_ + "/lock").c_str()), 0);
  EXPECT_FALSE(take(milliseconds(0)).ok());
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/elsewhere"));
}

TEST_F(Lock, KeepsOthersOutUntilItGoes) {
  std::optional<Result<FileLock>> first = take(milliseconds(0));
  ASSERT_TRUE(first->ok());
  const Result<FileLock> second = take(milliseconds(20));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::timed_out);
  first.reset();
  EXPECT_TRUE(take(milliseconds(0)).ok());
}

TEST_F(Lock, ADirectoryCanBeLocked) {
  const auto first = FileLock::of_existing(directory_, deadline_after(milliseconds(0)));
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(FileLock::of_existing(directory_, deadline_after(milliseconds(0))).ok());
}

TEST_F(Lock, AProcessThatEndsLetsGo) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Result<FileLock> lock = take(milliseconds(0));
    kill(getpid(), SIGKILL);
    _exit(lock.ok() ? 0 : 1);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(take(milliseconds(0)).ok());
}

}  // namespace
}  // namespace quoin
