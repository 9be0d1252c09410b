#include "src/td/runtime_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <functional>
#include <optional>
#include <vector>

#include "src/td/runtime_journal.h"
#include "src/td/samples_testing.h"

namespace quoin::td {
namespace {

RuntimeEvent event(std::string name, std::string_view payload = "payload") {
  const ByteView bytes = as_bytes(payload);
  return {.name = std::move(name), .payload = Bytes(bytes.begin(), bytes.end())};
}

class Log : public WithDirectory {
 protected:
  void SetUp() override {
    WithDirectory::SetUp();
    register_path_ = path("rtmr3");
    options_.directory = path("log");
    options_.lock_timeout = long_enough();
  }

  RuntimeLog log(FileTd& td) const { return RuntimeLog(td, options_); }
  std::string journal_path() const { return options_.directory + "/log"; }
  std::string journal() const { return std::string(as_text(testing_files::read(journal_path()))); }

  // The names of what the log says, and that it replays to the register.
  std::vector<std::string> names(FileTd& td) const {
    const Result<RuntimeEventLog> events = log(td).events();
    EXPECT_TRUE(events.ok()) << events.error().what;
    std::vector<std::string> names;
    if (!events.ok()) return names;
    EXPECT_EQ(events->replayed_rtmr3(), td.read_rtmr(3).value());
    for (const RuntimeEvent& one : events->events()) names.push_back(one.name);
    return names;
  }

  std::string register_path_;
  RuntimeLogOptions options_;
};

using Names = std::vector<std::string>;

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

TEST_F(Log, ARegisterThatSomebodyElseExtendedStopsIt) {
  FileTd td(register_path_);
  ASSERT_TRUE(td.extend_rtmr(3, {}).ok());
  const Result<bool> first = log(td).measure_once(event("a"));
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, ErrorCode::refused);
  EXPECT_EQ(td.extensions(), 1);

  td.reboot("boot-2");
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  ASSERT_TRUE(td.extend_rtmr(3, {}).ok());
  EXPECT_EQ(log(td).measure_once(event("b")).error().code, ErrorCode::refused);
  EXPECT_EQ(log(td).events().error().code, ErrorCode::refused);
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

TEST_F(Log, MeasuresInOrder) {
  FileTd td(register_path_);
  EXPECT_TRUE(log(td).measure_once(event("a")).value());
  EXPECT_TRUE(log(td).measure_once(event("guest/b")).value());
  ASSERT_TRUE(log(td).measure(event("c")).ok());
  EXPECT_EQ(names(td), (Names{"a", "guest/b", "c"}));
  EXPECT_EQ(td.extensions(), 3);
}

TEST_F(Log, EachObjectIsMeasuredOnceABoot) {
  FileTd td(register_path_);
  EXPECT_TRUE(log(td).measure_once(event("a", "1")).value());
  EXPECT_FALSE(log(td).measure_once(event("a", "1")).value());
  EXPECT_TRUE(log(td).measure_once(event("a", "2")).value());
  EXPECT_TRUE(log(td).measure_once(event("b", "1")).value());
  EXPECT_EQ(td.extensions(), 3);
  ASSERT_TRUE(log(td).measure(event("a", "1")).ok());
  EXPECT_EQ(names(td), (Names{"a", "a", "b", "a"}));
}

TEST_F(Log, ABootBeginsANewLogAndKeepsTheOld) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  const std::string old = journal();
  td.reboot("boot-2");
  EXPECT_EQ(names(td), Names{});
  EXPECT_TRUE(log(td).measure_once(event("a")).value());
  EXPECT_EQ(names(td), Names{"a"});
  EXPECT_EQ(as_text(testing_files::read(options_.directory + "/previous")), old);
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
}

// Runs `work` in a child that is killed as its step number `step` begins. Returns whether it got so
// far.
bool killed_at(int step, const std::function<void(std::function<void(std::string_view)>)>& work) {
  const pid_t child = fork();
  if (child == 0) {
    int steps = 0;
    work([&](std::string_view) {
      if (steps++ == step) raise(SIGKILL);
    });
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// The child measures b; whoever comes behind it measures b too, once, and c.
TEST_F(Log, AKillAtAnyStepLosesNothingAndMeasuresNothingTwice) {
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    std::filesystem::remove_all(options_.directory);
    FileTd td(register_path_);
    td.reboot("boot-1");
    ASSERT_TRUE(log(td).measure_once(event("a")).ok());
    killed = killed_at(steps, [&](auto before_step) {
      RuntimeLogOptions options = options_;
      options.before_step = before_step;
      FileTd childs(register_path_);
      if (!RuntimeLog(childs, options).measure_once(event("b")).ok()) _exit(1);
    });
    FileTd after(register_path_);
    ASSERT_TRUE(log(after).measure_once(event("b")).ok()) << steps;
    ASSERT_TRUE(log(after).measure_once(event("c")).ok()) << steps;
    EXPECT_EQ(names(after), (Names{"a", "b", "c"})) << steps;
  }
  // append, sync, extend, look, mark, append, sync, marked.
  EXPECT_EQ(steps, 9);
}

TEST_F(Log, AKillAtAnyStepOfANewBootDoesNeither) {
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    std::filesystem::remove_all(options_.directory);
    FileTd td(register_path_);
    td.reboot("boot-1");
    ASSERT_TRUE(log(td).measure_once(event("old")).ok());
    td.reboot("boot-2");
    killed = killed_at(steps, [&](auto before_step) {
      RuntimeLogOptions options = options_;
      options.before_step = before_step;
      FileTd childs(register_path_, "boot-2");
      if (!RuntimeLog(childs, options).measure_once(event("b")).ok()) _exit(1);
    });
    FileTd after(register_path_, "boot-2");
    ASSERT_TRUE(log(after).measure_once(event("b")).ok()) << steps;
    EXPECT_EQ(names(after), Names{"b"}) << steps;
  }
  EXPECT_GT(steps, 9);
}

TEST_F(Log, AQuoteComesWithTheEventsThatItsRegisterReplaysTo) {
  FileTd td(register_path_);
  ASSERT_TRUE(log(td).measure_once(event("a")).ok());
  int left = 2;
  td.before_quote([&] {
    if (left == 0) return;
    ASSERT_TRUE(log(td).measure(event("b", std::to_string(left--))).ok());
  });
  const Result<ExplainedQuote> explained = log(td).quote(sample_report_data());
  ASSERT_TRUE(explained.ok()) << explained.error().what;
  EXPECT_EQ(explained->events.events().size(), 3u);
  const Quote quote = parse_quote(explained->quote).value();
  EXPECT_EQ(quote.td_report()->rtmr3, explained->events.replayed_rtmr3());
  EXPECT_EQ(quote.report_data(), sample_report_data());

  left = 1000;
  const Result<ExplainedQuote> moving = log(td).quote(sample_report_data());
  ASSERT_FALSE(moving.ok());
  EXPECT_EQ(moving.error().code, ErrorCode::refused);
  EXPECT_GT(left, 990);
}

// Whoever repairs what a kill left may be killed too.
TEST_F(Log, AKillInTheRepairDoesNeither) {
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    std::filesystem::remove_all(options_.directory);
    FileTd td(register_path_);
    td.reboot("boot-1");
    ASSERT_TRUE(log(td).measure_once(event("a")).ok());
    put(journal_path(), journal() + journal_entry(event("b")));
    killed = killed_at(steps, [&](auto before_step) {
      RuntimeLogOptions options = options_;
      options.before_step = before_step;
      FileTd childs(register_path_);
      if (!RuntimeLog(childs, options).events().ok()) _exit(1);
    });
    FileTd after(register_path_);
    EXPECT_EQ(names(after), (Names{"a", "b"})) << steps;
    EXPECT_FALSE(log(after).measure_once(event("b")).value());
  }
  EXPECT_GT(steps, 3);
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

TEST_F(Log, ProcessesAtOnceEachMeasureTheirsOnce) {
  constexpr int kProcesses = 4;
  constexpr int kEvents = 12;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      FileTd td(register_path_);
      for (int i = 0; i < kEvents; ++i) {
        const std::string name = "p" + std::to_string(process) + "/" + std::to_string(i);
        if (!log(td).measure_once(event(name)).ok()) _exit(1);
        if (!log(td).measure_once(event("shared/" + std::to_string(i))).ok()) _exit(1);
      }
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  FileTd td(register_path_);
  Names all = names(td);
  EXPECT_EQ(all.size(), static_cast<size_t>((kProcesses + 1) * kEvents));
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

}  // namespace
}  // namespace quoin::td
