#include "src/os/security_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "src/base/testing_files.h"

namespace quoin {
namespace {

class SecurityLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "quoin-log-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    path_ = directory_ + "/log";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string written() const { return std::string(as_text(testing_files::read(path_))); }

  std::string directory_;
  std::string path_;
};

SecurityEvent event() { return {SecurityEventId::quote_made, UtcTime{}}; }

ErrorCode refusal(const std::string& path) {
  const auto log = SecurityLog::open(path);
  if (!log.ok()) return log.error().code;
  ADD_FAILURE() << "opened: " << path;
  return ErrorCode::internal;
}

TEST_F(SecurityLogTest, RefusesWhatOthersCanChange) {
  std::ofstream(path_) << "";
  for (const mode_t mode : {0620U, 0602U, 0666U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(refusal(path_), ErrorCode::refused);
  }
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_TRUE(SecurityLog::open(path_).ok());
}

TEST_F(SecurityLogTest, RefusesLinksAndDirectories) {
  std::filesystem::create_symlink(directory_ + "/elsewhere", path_);
  EXPECT_EQ(refusal(path_), ErrorCode::io);
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/elsewhere"));
  EXPECT_EQ(refusal(directory_), ErrorCode::io);
  EXPECT_EQ(refusal(directory_ + "/none/log"), ErrorCode::not_found);
}

TEST_F(SecurityLogTest, AppendsLines) {
  for (int i = 0; i < 2; ++i) {
    const auto log = SecurityLog::open(path_);
    ASSERT_TRUE(log.ok()) << log.error().what;
    EXPECT_TRUE(log->write(event()).ok());
  }
  EXPECT_EQ(written(), event().line() + event().line());
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms(0600));
}

TEST_F(SecurityLogTest, LinesOfManyDoNotMix) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      const auto log = SecurityLog::open(path_);
      for (int j = 0; j < 100; ++j) {
        EXPECT_TRUE(log->write(event().text("what", std::string(256, 'a'))).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::string all;
  for (int i = 0; i < 400; ++i) all += event().text("what", std::string(256, 'a')).line();
  EXPECT_EQ(written(), all);
}

TEST_F(SecurityLogTest, AFullDiskIsTold) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full";
  const auto log = SecurityLog::open("/dev/full");
  ASSERT_TRUE(log.ok()) << log.error().what;
  EXPECT_FALSE(log->write(event()).ok());
}

TEST_F(SecurityLogTest, NoLogIsNoError) { EXPECT_TRUE(SecurityLog().write(event()).ok()); }

}  // namespace
}  // namespace quoin
