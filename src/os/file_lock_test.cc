#include "src/os/file_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <utility>

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

// A child that lives until it is told to go, and keeps what was open when it was forked.
class Child {
 public:
  Child() {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd read_end(ends[0]);
    write_end_ = UniqueFd(ends[1]);
    pid_ = fork();
    if (pid_ == 0) {
      write_end_.reset();
      char byte = 0;
      _exit(read(read_end.get(), &byte, 1) == 0 ? 0 : 1);
    }
    EXPECT_GT(pid_, 0);
  }
  ~Child() { EXPECT_EQ(end(), 0); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Its exit status.
  int end() {
    if (pid_ == 0) return 0;
    write_end_.reset();
    int status = -1;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  UniqueFd write_end_;
  pid_t pid_ = 0;
};

TEST_F(Lock, AChildDoesNotKeepWhatItsParentLetsGo) {
  std::optional<Result<FileLock>> first = take(milliseconds(0));
  ASSERT_TRUE(first->ok());
  Child child;
  EXPECT_FALSE(take(milliseconds(0)).ok());
  first.reset();
  EXPECT_TRUE(take(milliseconds(0)).ok());
}

TEST_F(Lock, AChildDoesNotKeepALockThatWasReplaced) {
  Result<FileLock> first = take(milliseconds(0));
  ASSERT_TRUE(first.ok());
  Child child;
  Result<FileLock> other = FileLock::in(fd_.get(), "other", deadline_after(milliseconds(0)));
  ASSERT_TRUE(other.ok());
  *first = *std::move(other);
  EXPECT_TRUE(take(milliseconds(0)).ok());
  EXPECT_FALSE(FileLock::in(fd_.get(), "other", deadline_after(milliseconds(0))).ok());
}

TEST_F(Lock, AChildDoesNotLetGoForItsParent) {
  std::optional<Result<FileLock>> first = take(milliseconds(0));
  ASSERT_TRUE(first->ok());
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    first.reset();
    _exit(0);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(take(milliseconds(0)).ok());
}

TEST_F(Lock, MovesWithoutLettingGo) {
  Result<FileLock> first = take(milliseconds(0));
  ASSERT_TRUE(first.ok());
  std::optional<FileLock> second(*std::move(first));
  EXPECT_FALSE(take(milliseconds(0)).ok());
  second.reset();
  EXPECT_TRUE(take(milliseconds(0)).ok());
}

}  // namespace
}  // namespace quoin
