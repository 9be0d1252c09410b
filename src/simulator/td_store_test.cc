#include "src/simulator/td_store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "src/simulator/directory_testing.h"
#include "src/simulator/state.h"

namespace quoin::simulator {
namespace {

namespace fs = std::filesystem;

constexpr ByteArray<48> kDigest = {1, 2, 3};

Result<void> extend(SoftwareTd& td) { return extend_rtmr(td.state, 3, kDigest); }

// RTMR3 after so many extends with kDigest.
ByteArray<48> extended(int times) {
  TdState state;
  for (int i = 0; i < times; ++i) extend_rtmr(state, 3, kDigest).value();
  return state.rtmr3;
}

class TdStoreTest : public testing::Test {
 protected:
  TdStoreTest() { init_state(state_.string(), false).value(); }

  static SoftwareTd td() { return default_software_td("boot-1"); }
  Result<SoftwareTd> load(std::string_view name = "a") const { return store_.load(name); }
  ErrorCode load_error() const {
    const Result<SoftwareTd> td = load();
    return td.ok() ? ErrorCode::internal : td.error().code;
  }

  TestDirectory directory_;
  fs::path state_ = directory_.path() / "simulator";
  fs::path td_ = state_ / "tds" / "a";
  fs::path file_ = td_ / "td.json";
  TdStore store_ = TdStore::open(state_.string(), false).value();
};

TEST_F(TdStoreTest, RefusesToStartOnARealTd) {
  EXPECT_EQ(TdStore::open(state_.string(), true).error().code, ErrorCode::refused);
}

TEST_F(TdStoreTest, RefusesNames) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("/a"),
        std::string("A"), std::string("-a"), std::string("_a"), std::string(".a"),
        std::string("a b"), std::string("a\0", 2), std::string(65, 'a')}) {
    EXPECT_EQ(store_.create(name, td()).error().code, ErrorCode::invalid_argument) << name;
    EXPECT_EQ(store_.load(name).error().code, ErrorCode::invalid_argument) << name;
    EXPECT_EQ(store_.change(name, extend).error().code, ErrorCode::invalid_argument) << name;
    EXPECT_EQ(store_.remove(name).error().code, ErrorCode::invalid_argument) << name;
    EXPECT_EQ(store_.runtime_log_directory(name).error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(fs::exists(state_ / "tds"));
  EXPECT_TRUE(store_.create(std::string(64, 'a'), td()).ok());
  EXPECT_TRUE(store_.create("0-9_z", td()).ok());
}

TEST_F(TdStoreTest, HasNoTdThatNobodyMade) {
  EXPECT_EQ(load_error(), ErrorCode::not_found);
  EXPECT_TRUE(store_.names()->empty());
  EXPECT_EQ(store_.change("a", extend).error().code, ErrorCode::not_found);
  EXPECT_EQ(store_.remove("a").error().code, ErrorCode::not_found);
  EXPECT_EQ(store_.load_or_create("a").error().code, ErrorCode::not_found);
  // A directory alone, as a crash leaves it while a TD is made.
  fs::create_directories(td_);
  fs::permissions(state_ / "tds", fs::perms::owner_all);
  fs::permissions(td_, fs::perms::owner_all);
  EXPECT_EQ(load_error(), ErrorCode::not_found);
  EXPECT_TRUE(store_.names()->empty());
  EXPECT_TRUE(store_.create("a", td()).ok());
}

TEST_F(TdStoreTest, RefusesWhatOthersCanReadOrChange) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  for (const fs::path& path : {state_, state_ / "tds", td_, file_}) {
    const fs::perms before = fs::status(path).permissions();
    for (const fs::perms extra : {fs::perms::group_read, fs::perms::group_write,
                                  fs::perms::others_read, fs::perms::others_write}) {
      fs::permissions(path, before | extra);
      EXPECT_EQ(load_error(), ErrorCode::refused) << path;
      EXPECT_EQ(store_.change("a", extend).error().code, ErrorCode::refused) << path;
    }
    fs::permissions(path, before);
  }
  EXPECT_TRUE(load().ok());
}

TEST_F(TdStoreTest, RefusesSymbolicLinksAndWhatIsNoFile) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  const fs::path elsewhere = directory_.path() / "elsewhere";
  for (const fs::path& path : {state_ / "tds", td_, file_}) {
    fs::rename(path, elsewhere);
    fs::create_symlink(elsewhere, path);
    EXPECT_EQ(load_error(), ErrorCode::refused) << path;
    EXPECT_EQ(store_.change("a", extend).error().code, ErrorCode::refused) << path;
    fs::remove(path);
    fs::rename(elsewhere, path);
  }
  fs::remove(file_);
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(load_error(), ErrorCode::refused);
}

TEST_F(TdStoreTest, RefusesWhatBelongsToAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_TRUE(store_.create("a", td()).ok());
  for (const fs::path& path : {state_ / "tds", td_, file_}) {
    ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
    EXPECT_EQ(load_error(), ErrorCode::refused) << path;
    ASSERT_EQ(chown(path.c_str(), 0, 0), 0);
  }
}

TEST_F(TdStoreTest, RefusesAFileThatIsNotOurs) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  const std::string good = read_test_file(file_);
  write_test_file(file_, good.substr(0, good.size() / 2));
  EXPECT_EQ(load_error(), ErrorCode::malformed);
  EXPECT_EQ(store_.change("a", extend).error().code, ErrorCode::malformed);
  EXPECT_EQ(store_.create("a", td()).error().code, ErrorCode::invalid_argument);
  write_test_file(file_, "");
  EXPECT_EQ(load_error(), ErrorCode::malformed);
  fs::resize_file(file_, kMaxSoftwareTdBytes + 1);
  EXPECT_EQ(load_error(), ErrorCode::too_large);
  // It is named, so that somebody can remove it.
  EXPECT_EQ(*store_.names(), std::vector<std::string>{"a"});
  EXPECT_TRUE(store_.remove("a").ok());
  EXPECT_TRUE(store_.names()->empty());
}

TEST_F(TdStoreTest, KeepsATd) {
  const mode_t old_umask = umask(0);
  const bool made = store_.create("b", td()).ok() && store_.create("a", td()).ok();
  umask(old_umask);
  ASSERT_TRUE(made);
  EXPECT_EQ(*store_.names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(td_).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(state_ / "tds").permissions(), fs::perms::owner_all);

  EXPECT_EQ(store_.create("a", td()).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(store_.change("a", extend)->state.rtmr3, extended(1));
  EXPECT_EQ(load()->state.rtmr3, extended(1));
  EXPECT_TRUE(all_zero(load("b")->state.rtmr3));

  ASSERT_TRUE(store_.remove("a").ok());
  EXPECT_EQ(load_error(), ErrorCode::not_found);
  EXPECT_EQ(std::distance(fs::directory_iterator(state_ / "tds"), {}), 1);
  ASSERT_TRUE(store_.create("a", td()).ok());
  EXPECT_TRUE(all_zero(load()->state.rtmr3));
}

TEST_F(TdStoreTest, KeepsNothingOfAChangeThatFails) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  const std::string before = read_test_file(file_);
  const Result<SoftwareTd> changed = store_.change("a", [](SoftwareTd& td) -> Result<void> {
    td.state.rtmr3 = kDigest;
    return Error{ErrorCode::invalid_argument, "no"};
  });
  EXPECT_EQ(changed.error().what, "no");
  EXPECT_EQ(read_test_file(file_), before);
}

TEST_F(TdStoreTest, MakesTheDefaultTdWhenItIsAskedFor) {
  const Result<SoftwareTd> first = store_.load_or_create(kDefaultTd);
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_EQ(store_.load_or_create(kDefaultTd)->boot_id, first->boot_id);
  EXPECT_EQ(*store_.names(), std::vector<std::string>{std::string(kDefaultTd)});
}

TEST_F(TdStoreTest, GivesATdADirectoryForItsLog) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  const Result<std::string> log = store_.runtime_log_directory("a");
  ASSERT_TRUE(log.ok()) << log.error().what;
  write_test_file(fs::path(*log) / "log", "x");
  EXPECT_EQ(store_.runtime_log_directory("a").value(), *log);
  EXPECT_EQ(fs::status(*log).permissions(), fs::perms::owner_all);
  fs::permissions(*log, fs::perms::owner_all | fs::perms::group_read);
  EXPECT_EQ(store_.runtime_log_directory("a").error().code, ErrorCode::refused);
  ASSERT_TRUE(store_.remove("a").ok());
  EXPECT_FALSE(fs::exists(*log));
}

TEST_F(TdStoreTest, OutlivesACrashBetweenWritingAndRenaming) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  ASSERT_TRUE(store_.change("a", extend).ok());
  // Half a file, and the longest that can be, and one that is not ours to follow.
  for (const std::string& left : {std::string("{\"version\":1,"), std::string(100'000, 'x')}) {
    write_test_file(td_ / ".td.json.new", left);
    const ByteArray<48> before = load()->state.rtmr3;
    ASSERT_TRUE(store_.change("a", extend).ok());
    EXPECT_NE(load()->state.rtmr3, before);
    EXPECT_FALSE(fs::exists(td_ / ".td.json.new"));
  }
  fs::create_symlink(directory_.path() / "elsewhere", td_ / ".td.json.new");
  ASSERT_TRUE(store_.change("a", extend).ok());
  EXPECT_FALSE(fs::exists(directory_.path() / "elsewhere"));
  EXPECT_EQ(load()->state.rtmr3, extended(4));
}

TEST_F(TdStoreTest, LosesNothingOfProcessesThatExtendAtOnce) {
  constexpr int kProcesses = 4;
  constexpr int kTimes = 25;
  ASSERT_TRUE(store_.create("a", td()).ok());
  std::array<pid_t, kProcesses> children{};
  for (pid_t& child : children) {
    child = fork();
    ASSERT_GE(child, 0);
    if (child != 0) continue;
    for (int i = 0; i < kTimes; ++i) {
      if (!store_.change("a", extend).ok()) _exit(1);
    }
    _exit(0);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(load()->state.rtmr3, extended(kProcesses * kTimes));
}

TEST_F(TdStoreTest, IsWholeWhereverAProcessIsKilled) {
  ASSERT_TRUE(store_.create("a", td()).ok());
  SoftwareTd seen = td();
  for (int round = 0; round < 30; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      while (store_.change("a", extend).ok()) continue;
      _exit(1);
    }
    usleep(static_cast<useconds_t>(500 + 391 * round));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    // What is there is what some number of extends leaves, and no fewer than before.
    const Result<SoftwareTd> now = load();
    ASSERT_TRUE(now.ok()) << now.error().what;
    for (int more = 0; more < 10'000 && seen.state.rtmr3 != now->state.rtmr3; ++more) {
      ASSERT_TRUE(extend(seen).ok());
    }
    ASSERT_EQ(seen.state.rtmr3, now->state.rtmr3) << round;
    ASSERT_TRUE(store_.change("a", extend).ok());
    ASSERT_TRUE(extend(seen).ok());
  }
}

}  // namespace
}  // namespace quoin::simulator
