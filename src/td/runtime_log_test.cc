#include "src/td/runtime_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <optional>

#include "src/td/runtime_journal.h"
#include "src/td/runtime_log_testing.h"

namespace quoin::td {
namespace {

// On a TD that can be made to fail. What holds on any TD: runtime_log_any_td_test.cc.
class Log : public WithLog {
 protected:
  void SetUp() override {
    WithLog::SetUp();
    register_path_ = path("rtmr3");
  }

  std::string register_path_;
};

TEST_F(Log, ANameThatAnEventCannotHaveIsRefused) {
  FileTd td(register_path_);
  for (const std::string& name : {std::string(), std::string("a:b"), std::string("Capital"),
                                  std::string(257, 'a'), std::string("a\nb"), std::string("a\"")}) {
    const Result<bool> measured = log(td).measure_once(event(name));
    ASSERT_FALSE(measured.ok()) << name;
    EXPECT_EQ(measured.error().code, ErrorCode::invalid_argument) << name;
  }
  EXPECT_EQ(td.extensions(), 0);
}

TEST_F(Log, APayloadOverTheLimitIsRefused) {
  FileTd td(register_path_);
  RuntimeEvent large = event("a");
  large.payload.resize(kMaxRuntimeEventPayloadBytes);
  EXPECT_TRUE(log(td).measure(large).ok());
  large.payload.resize(kMaxRuntimeEventPayloadBytes + 1);
  const Result<void> measured = log(td).measure(large);
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::too_large);
}

TEST_F(Log, ALogThatLostAnEventStopsIt) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  std::filesystem::remove_all(options_.directory);
  EXPECT_EQ(log(td).events().error().code, ErrorCode::refused);
}

TEST_F(Log, ADamagedLogStopsIt) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  put(journal_path(), journal() + "more\n");
  EXPECT_EQ(log(td).measure_once(event("b")).error().code, ErrorCode::malformed);
  EXPECT_EQ(td.extensions(), 1);
}

TEST_F(Log, AnOpenEventThatFitsNowhereStopsIt) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  put(journal_path(), journal() + journal_entry(event("b")));
  ASSERT_TRUE(td.extend_rtmr(3, {}).ok());
  const Result<RuntimeEventLog> events = log(td).events();
  ASSERT_FALSE(events.ok());
  EXPECT_EQ(events.error().code, ErrorCode::refused);
  EXPECT_EQ(td.extensions(), 2);
}

TEST_F(Log, ADirectoryThatIsOpenToOthersIsRefused) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  for (const mode_t mode : {0770U, 0707U, 0701U}) {
    ASSERT_EQ(chmod(options_.directory.c_str(), mode), 0);
    EXPECT_EQ(log(td).events().error().code, ErrorCode::permission);
  }
  ASSERT_EQ(chmod(options_.directory.c_str(), 0700), 0);
  EXPECT_TRUE(log(td).events().ok());
  std::filesystem::rename(options_.directory, path("elsewhere"));
  std::filesystem::create_directory_symlink(path("elsewhere"), options_.directory);
  EXPECT_FALSE(log(td).events().ok());
}

TEST_F(Log, WithoutEventsItIsEmptyAndTheRegisterMustBe) {
  FileTd td(register_path_);
  EXPECT_EQ(names(td), Names{});
  EXPECT_FALSE(std::filesystem::exists(journal_path()));
}

TEST_F(Log, ARegisterThatIsNotNewAfterABootStopsIt) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  FileTd other_boot(register_path_, "boot-2");
  EXPECT_EQ(log(other_boot).events().error().code, ErrorCode::refused);
}

TEST_F(Log, WhatCouldNotBeExtendedIsNotInTheLog) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  td.fail();
  EXPECT_EQ(log(td).measure_once(event("b")).error().code, ErrorCode::io);
  td.do_nothing();
  EXPECT_FALSE(log(td).measure_once(event("b")).ok());
  td.work();
  EXPECT_EQ(names(td), Names{"a"});
  td.do_nothing();
  EXPECT_EQ(log(td).measure_once(event("b")).error().code, ErrorCode::io);
  td.work();
  EXPECT_EQ(names(td), Names{"a"});
  EXPECT_TRUE(log(td).measure_once(event("b")).value());
  EXPECT_EQ(names(td), (Names{"a", "b"}));
}

// The register, not the kernel's errno, says whether it was extended.
TEST_F(Log, AnErrorBehindTheExtensionIsNoError) {
  FileTd td(register_path_);
  td.fail_afterwards();
  EXPECT_TRUE(log(td).measure_once(event("a")).value());
  EXPECT_EQ(names(td), Names{"a"});
}

// Nobody knows what happened: the event stays in the log, and the next call finds out.
TEST_F(Log, ARegisterThatCannotBeReadBehindIsFoundOutByTheNextCall) {
  FileTd td(register_path_);
  td.read_only(2);  // before, and for the extension
  EXPECT_FALSE(log(td).measure_once(event("a")).ok());
  td.read_again();
  EXPECT_EQ(names(td), Names{"a"});
  EXPECT_FALSE(log(td).measure_once(event("a")).value());
  EXPECT_EQ(td.extensions(), 1);
}

TEST_F(Log, AFullLogIsRefusedAndStillRead) {
  FileTd td(register_path_);
  RuntimeEvent large = event("a");
  large.payload.resize(kMaxRuntimeEventPayloadBytes);
  Result<void> measured;
  size_t count = 0;
  while (measured.ok() && count < 1000) {
    measured = log(td).measure(large);
    if (measured.ok()) ++count;
  }
  EXPECT_EQ(measured.error().code, ErrorCode::too_large);
  EXPECT_EQ(td.extensions(), static_cast<int>(count));
  const RuntimeEventLog events = log(td).events().value();
  EXPECT_EQ(events.events().size(), count);
  EXPECT_TRUE(RuntimeEventLog::parse(as_bytes(to_json(events))).ok());
}

TEST_F(Log, WhoeverWaitsTooLongIsTold) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  options_.lock_timeout = soon();
  options_.before_step = [&](std::string_view) {
    RuntimeLogOptions impatient = options_;
    impatient.before_step = nullptr;
    EXPECT_EQ(RuntimeLog(td, impatient).events().error().code, ErrorCode::timed_out);
  };
  EXPECT_TRUE(log(td).measure_once(event("b")).ok());
  options_.lock_timeout = long_enough();
  const Deadline late = deadline_after(long_enough() / 2);
  options_.before_step = [&](std::string_view) {
    RuntimeLogOptions impatient = options_;
    impatient.before_step = nullptr;
    impatient.deadline = deadline_after(soon());
    EXPECT_EQ(RuntimeLog(td, impatient).events().error().code, ErrorCode::timed_out);
  };
  EXPECT_TRUE(log(td).measure_once(event("c")).ok());
  EXPECT_FALSE(has_passed(late));
}

// As long as it lives, no file of this process can become longer than that.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(size_t bytes) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() {
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0);
    signal(SIGXFSZ, on_signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*on_signal_)(int) = signal(SIGXFSZ, SIG_IGN);
};

// A log whose last event a kill left open, behind which a disk may be full.
class Unmarked : public Log {
 protected:
  void SetUp() override {
    Log::SetUp();
    td_.emplace(register_path_);
    ASSERT_TRUE(log(*td_).measure_once(event("a")).ok());
    put(journal_path(), journal() + journal_entry(event("b")));
    open_ = journal();
  }

  // The first `failures` marks cannot be written; the rest can. full_ outlasts the call.
  RuntimeLog log_that_cannot_mark(int failures) {
    failures_left_ = failures;
    options_.before_step = [this](std::string_view step) {
      if (step == "mark" && failures_left_ > 0) {
        --failures_left_;
        full_.emplace(open_.size() + 2);
      } else if (step != "append") {
        full_.reset();
      }
    };
    RuntimeLog log(*td_, options_);
    options_.before_step = nullptr;
    return log;
  }

  std::optional<FileTd> td_;
  std::string open_;
  int failures_left_ = 0;
  std::optional<FileSizeLimit> full_;
};

TEST_F(Unmarked, NoEventIsAppendedBehindOneThatIsOpen) {
  const Result<void> measured = log_that_cannot_mark(2).measure(event("c"));
  full_.reset();
  ASSERT_FALSE(measured.ok());
  EXPECT_EQ(measured.error().code, ErrorCode::io);
  EXPECT_EQ(failures_left_, 0);
  EXPECT_EQ(td_->extensions(), 2);
  EXPECT_EQ(journal().substr(0, open_.size()), open_);
  EXPECT_EQ(names(*td_), (Names{"a", "b"}));
  ASSERT_TRUE(log(*td_).measure(event("c")).ok());
  EXPECT_EQ(names(*td_), (Names{"a", "b", "c"}));
  EXPECT_EQ(td_->extensions(), 3);
}

TEST_F(Unmarked, TheMarkIsWrittenBeforeTheNextEvent) {
  EXPECT_TRUE(log_that_cannot_mark(1).measure(event("c")).ok());
  full_.reset();
  EXPECT_EQ(failures_left_, 0);
  EXPECT_EQ(names(*td_), (Names{"a", "b", "c"}));
  EXPECT_FALSE(log(*td_).measure_once(event("b")).value());
  EXPECT_EQ(td_->extensions(), 3);
}

TEST_F(Unmarked, ItIsReadAllTheSame) {
  const Result<RuntimeEventLog> events = log_that_cannot_mark(1).events();
  full_.reset();
  ASSERT_TRUE(events.ok()) << events.error().what;
  EXPECT_EQ(failures_left_, 0);
  EXPECT_EQ(events->events().size(), 2u);
  EXPECT_EQ(events->replayed_rtmr3(), td_->read_rtmr(3).value());
  EXPECT_FALSE(log_that_cannot_mark(1).measure_once(event("b")).value());
  full_.reset();
  EXPECT_EQ(td_->extensions(), 2);
}

TEST_F(Unmarked, AnEventWhoseOwnMarkFailsIsMeasured) {
  EXPECT_EQ(names(*td_), (Names{"a", "b"}));
  open_ = journal() + journal_entry(event("c"));
  EXPECT_TRUE(log_that_cannot_mark(1).measure(event("c")).ok());
  full_.reset();
  EXPECT_EQ(failures_left_, 0);
  EXPECT_EQ(names(*td_), (Names{"a", "b", "c"}));
  EXPECT_EQ(td_->extensions(), 3);
}

TEST_F(Log, ALineThatWasCutShortIsWrittenOver) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  const std::string entry = journal_entry(event("lost"));
  put(journal_path(), journal() + entry.substr(0, entry.size() - 1));
  EXPECT_EQ(names(td), Names{"a"});
  ASSERT_TRUE(log(td).measure_once(event("b")).ok());
  EXPECT_EQ(names(td), (Names{"a", "b"}));
  EXPECT_EQ(journal().find("lost"), std::string::npos);
}

}  // namespace
}  // namespace quoin::td
