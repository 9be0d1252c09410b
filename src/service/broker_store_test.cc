#include "src/service/broker_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "src/simulator/directory_testing.h"

namespace quoin::broker {
namespace {

namespace fs = std::filesystem;

constexpr ByteArray<16> kId = {1, 2, 3};

// A database with one policy, "app".
class StoreTest : public testing::Test {
 protected:
  void SetUp() override { make(); }

  void make() {
    fs::remove_all(path());
    fs::remove_all(path() + "-wal");
    fs::remove_all(path() + "-shm");
    ASSERT_TRUE(Store::make(path(), kId).ok());
    ASSERT_TRUE(open().add_policies(kPolicies).ok());
  }

  std::string path() const { return (directory_.path() / "broker.db").string(); }
  Store open() const {
    Result<Store> store = Store::open(path(), kId);
    EXPECT_TRUE(store.ok()) << (store.ok() ? "" : store.error().what);
    return std::move(store).value();
  }

  // Keeps a decision, and returns its number.
  static uint64_t record(Store& store, Outcome outcome = Outcome::refused) {
    uint64_t kept = 0;
    const auto recorded = store.record("app", [&](uint64_t number, const auto&) {
      kept = number;
      return DecisionRecord{.outcome = outcome, .line = "decision " + std::to_string(number)};
    });
    return recorded.ok() ? kept : 0;
  }

  void execute(const char* sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  const std::vector<std::string> kPolicies = {"app"};
  simulator::TestDirectory directory_;
};

TEST_F(StoreTest, AnotherRootKeysDatabaseIsRefused) {
  ByteArray<16> other = kId;
  other[15] ^= 1;
  EXPECT_EQ(Store::open(path(), other).error().code, ErrorCode::refused);
}

TEST_F(StoreTest, WhatIsNoDatabaseOfOursIsRefused) {
  struct Case {
    const char* what;
    ErrorCode code;
    std::function<void()> change;
  };
  const auto overwrite = [&](size_t at, const std::string& with) {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at)) << with;
  };
  const Case cases[] = {
      {"another magic", ErrorCode::malformed, [&] { overwrite(0, "not SQLite"); }},
      {"a page of nothing", ErrorCode::malformed, [&] { overwrite(4096, std::string(4096, 'x')); }},
      // Of decisions alone, which opening has no other reason to read.
      {"a later page of nothing", ErrorCode::malformed,
       [&] {
         {
           Store store = open();
           for (int i = 0; i < 500; ++i) record(store);
         }
         execute("PRAGMA wal_checkpoint(TRUNCATE)");
         overwrite(fs::file_size(path()) - 4096, std::string(4096, 'x'));
       }},
      {"cut short", ErrorCode::malformed, [&] { fs::resize_file(path(), 5000); }},
      {"empty", ErrorCode::malformed, [&] { fs::resize_file(path(), 0); }},
      {"another program's", ErrorCode::malformed, [&] { execute("PRAGMA application_id=7"); }},
      {"a later version's", ErrorCode::unsupported, [&] { execute("PRAGMA user_version=3"); }},
      {"an earlier version's", ErrorCode::unsupported, [&] { execute("PRAGMA user_version=1"); }},
      {"of nobody", ErrorCode::malformed, [&] { execute("DELETE FROM broker"); }},
      {"gone", ErrorCode::io, [&] { fs::remove(path()); }},
  };
  for (const Case& test : cases) {
    make();
    // Everything into the one file.
    execute("PRAGMA wal_checkpoint(TRUNCATE)");
    fs::remove(path() + "-wal");
    test.change();
    const Result<Store> store = Store::open(path(), kId);
    ASSERT_FALSE(store.ok()) << test.what;
    EXPECT_EQ(store.error().code, test.code) << test.what << ": " << store.error().what;
  }
}

TEST_F(StoreTest, IsNeverMadeOverAnother) {
  EXPECT_EQ(Store::make(path(), kId).error().code, ErrorCode::refused);
}

TEST_F(StoreTest, EpochsOnlyGoUp) {
  Store store = open();
  EXPECT_EQ(store.rotate("app", {}, false).value(), (Epochs{.current = 2, .oldest = 1}));
  EXPECT_EQ(store.rotate("app", 7, true).value(), (Epochs{.current = 7, .oldest = 7}));
  for (const uint64_t to : {uint64_t{0}, uint64_t{6}, uint64_t{7}, kMaxEpoch + 1, UINT64_MAX}) {
    EXPECT_EQ(store.rotate("app", to, false).error().code, ErrorCode::invalid_argument) << to;
  }
  EXPECT_EQ(store.rotate("other", {}, false).error().code, ErrorCode::not_found);
  // What is known stays as it is.
  ASSERT_TRUE(store.add_policies(std::vector<std::string>{"app", "new"}).ok());
  Store again = open();
  const auto all = again.policies().value();
  ASSERT_EQ(all.size(), 2);
  EXPECT_EQ(all[0].policy_id, "app");
  EXPECT_EQ(all[0].epochs, (Epochs{.current = 7, .oldest = 7}));
  EXPECT_EQ(all[1].epochs, Epochs());
}

TEST_F(StoreTest, ADecisionSeesTheEpochsOfItsMoment) {
  Store store = open();
  Store another_process = open();
  ASSERT_TRUE(another_process.rotate("app", {}, true).ok());
  std::optional<Epochs> seen;
  const auto look = [&](uint64_t, const std::optional<Epochs>& epochs) {
    seen = epochs;
    return DecisionRecord{.outcome = Outcome::refused, .line = "line"};
  };
  ASSERT_TRUE(store.record("app", look).ok());
  EXPECT_EQ(seen, (Epochs{.current = 2, .oldest = 2}));
  ASSERT_TRUE(store.record("unknown", look).ok());
  EXPECT_FALSE(seen);
}

TEST_F(StoreTest, WhatCannotBeKeptIsNotDecided) {
  Store store = open();
  execute("DROP TABLE release");
  EXPECT_EQ(record(store, Outcome::released), 0);
  EXPECT_EQ(record(store), 1);
  execute("DROP TABLE refusal");
  EXPECT_EQ(record(store), 0);
}

TEST_F(StoreTest, DecisionsAreNumberedAndKept) {
  Store store = open();
  for (uint64_t number = 1; number <= 5; ++number) EXPECT_EQ(record(store), number);
  EXPECT_EQ(open().decisions(2).value(), (std::vector<std::string>{"decision 4", "decision 5"}));
}

// Outsiders are refused as often as they like: no release is forgotten for it.
TEST_F(StoreTest, OfEachOutcomeTheLastAreKept) {
  for (const Outcome often : {Outcome::refused, Outcome::released}) {
    const bool refused = often == Outcome::refused;
    const Outcome other = refused ? Outcome::released : Outcome::refused;
    make();
    Store store = open();
    EXPECT_EQ(record(store, other), 1);
    EXPECT_EQ(record(store, often), 2);
    EXPECT_EQ(record(store, often), 3);
    // As if there had been so many between the two.
    execute(refused ? "UPDATE refusal SET place = 100001 WHERE number = 3"
                    : "UPDATE release SET place = 100001 WHERE number = 3");
    EXPECT_EQ(record(store, often), 4);
    EXPECT_EQ(store.decisions(1000).value(),
              (std::vector<std::string>{"decision 1", "decision 3", "decision 4"}));
    EXPECT_EQ(store.decisions(2).value(), (std::vector<std::string>{"decision 3", "decision 4"}));
  }
}

// SQLite's writes to files, each of which a process can be killed before.
int g_writes_left = 0;
void step() {
  if (g_writes_left-- == 0) raise(SIGKILL);
}
ssize_t counted_pwrite(int fd, const void* bytes, size_t size, off_t at) {
  step();
  return pwrite(fd, bytes, size, at);
}
ssize_t counted_write(int fd, const void* bytes, size_t size) {
  step();
  return write(fd, bytes, size);
}
int counted_ftruncate(int fd, off_t size) {
  step();
  return ftruncate(fd, size);
}

// Runs `work` in a child that is killed as its write number `write` begins. Returns whether it got
// so far.
bool killed_at(int write, const std::function<bool()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    g_writes_left = write;
    sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, "pwrite", std::bit_cast<sqlite3_syscall_ptr>(&counted_pwrite));
    vfs->xSetSystemCall(vfs, "pwrite64", std::bit_cast<sqlite3_syscall_ptr>(&counted_pwrite));
    vfs->xSetSystemCall(vfs, "write", std::bit_cast<sqlite3_syscall_ptr>(&counted_write));
    vfs->xSetSystemCall(vfs, "ftruncate", std::bit_cast<sqlite3_syscall_ptr>(&counted_ftruncate));
    _exit(work() ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// The child says there what it was told is on the disk.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(ends_.data()), 0); }
  ~Pipe() {
    for (const int end : ends_) {
      if (end >= 0) close(end);
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool say() const { return write(ends_[1], "x", 1) == 1; }
  // How often it was said; it was once.
  ssize_t said() {
    close(std::exchange(ends_[1], -1));
    std::array<char, 64> buffer{};
    return read(ends_[0], buffer.data(), buffer.size());
  }

 private:
  std::array<int, 2> ends_{};
};

TEST_F(StoreTest, AKillAtAnyWriteLosesNothingThatWasSaid) {
  int writes = 0;
  for (bool killed = true; killed; ++writes) {
    make();
    {
      Store store = open();
      ASSERT_EQ(record(store), 1);
    }
    Pipe pipe;
    killed = killed_at(writes, [&] {
      Result<Store> store = Store::open(path(), kId);
      return store.ok() && pipe.say() && store->rotate("app", {}, true).ok() && pipe.say() &&
             record(*store) != 0 && pipe.say();
    });
    const ssize_t said = pipe.said();
    Store store = open();
    const auto epochs = store.policies().value().at(0).epochs;
    const size_t decisions = store.decisions(10).value().size();
    const bool rotated = epochs == Epochs{.current = 2, .oldest = 2};
    EXPECT_TRUE(rotated || (said < 2 && epochs == Epochs())) << writes;
    EXPECT_EQ(decisions, said >= 3 ? 2 : decisions) << writes;
    // No number is given twice.
    EXPECT_EQ(record(store), decisions + 1) << writes;
  }
  // A rotation and a decision, each some pages in the log.
  EXPECT_GT(writes, 6);
}

}  // namespace
}  // namespace quoin::broker
