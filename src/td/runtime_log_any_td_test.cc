// What holds of a runtime log on any TD: one whose register is a file, and a TD in software as the
// kernel would show it, asked by LinuxTd. Each call is by a Td of its own, as each process has one.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "src/simulator/mount_testing.h"
#include "src/td/linux_td.h"
#include "src/td/runtime_journal.h"
#include "src/td/runtime_log_testing.h"

namespace quoin::td {
namespace {

using simulator::MountedTd;

// A TD, whoever asks it.
struct Machine {
  std::function<std::unique_ptr<Td>()> ask;
  std::function<void()> reboot;
};

Machine with_a_file(const std::string& directory) {
  const std::string register_path = directory + "/rtmr3";
  const auto boots = std::make_shared<int>(0);
  const auto ask = [=] {
    return std::make_unique<FileTd>(register_path, "boot-" + std::to_string(*boots));
  };
  return {.ask = ask, .reboot = [=] {
            ++*boots;
            std::filesystem::remove(register_path);
          }};
}

Machine with_the_kernels_files(const std::string&) {
  const auto mounted = std::make_shared<MountedTd>();
  const LinuxTdOptions options = {.paths = LinuxPaths::under(mounted->root())};
  return {.ask = [=] { return std::make_unique<LinuxTd>(options); },
          .reboot =
              [=] {
                const auto reboot = [](simulator::SoftwareTd& td) -> Result<void> {
                  simulator::reboot(td, simulator::fresh_boot_id());
                  return {};
                };
                ASSERT_TRUE(mounted->store().change(simulator::kDefaultTd, reboot).ok());
              }};
}

// Does something before each quote of another Td.
class BeforeQuotes final : public Td {
 public:
  BeforeQuotes(Td& td, std::function<void()> call) : td_(td), call_(std::move(call)) {}

  Result<Bytes> report(const ByteArray<64>& data) override { return td_.report(data); }
  Result<Bytes> quote(const ByteArray<64>& data) override {
    call_();
    return td_.quote(data);
  }
  Result<Bytes> quote_report(ByteView report) override { return td_.quote_report(report); }
  Result<ByteArray<48>> read_rtmr(unsigned index) override { return td_.read_rtmr(index); }
  Result<void> extend_rtmr(unsigned index, const ByteArray<48>& digest) override {
    return td_.extend_rtmr(index, digest);
  }
  Result<std::string> boot_id() override { return td_.boot_id(); }
  bool simulated() const override { return td_.simulated(); }

 private:
  Td& td_;
  std::function<void()> call_;
};

struct Kind {
  const char* name;
  Machine (*make)(const std::string& directory);
  bool is_mounted;
};

class LogOfAnyTd : public WithLog, public testing::WithParamInterface<Kind> {
 protected:
  void SetUp() override {
    if (GetParam().is_mounted && !MountedTd::is_possible()) GTEST_SKIP() << MountedTd::kWhyNot;
    WithLog::SetUp();
    machine_ = GetParam().make(directory_);
  }

  // Whether the event was measured now; nothing when that failed.
  std::optional<bool> measure_once(const RuntimeEvent& event) const {
    const Result<bool> measured = log(*machine_.ask()).measure_once(event);
    if (measured.ok()) return *measured;
    return std::nullopt;
  }
  Names names() const { return WithLog::names(*machine_.ask()); }
  // As somebody does who knows nothing of the log.
  void extend_behind_its_back(const ByteArray<48>& digest) const {
    ASSERT_TRUE(machine_.ask()->extend_rtmr(kRuntimeRtmr, digest).ok());
  }
  // In a process that is killed as that step begins. Returns whether it was.
  bool killed_while(int step, const std::function<Result<void>(RuntimeLog&)>& call) const {
    return killed_at(step, [&](auto before_step) {
      RuntimeLogOptions options = options_;
      options.before_step = before_step;
      const std::unique_ptr<Td> td = machine_.ask();
      RuntimeLog log(*td, options);
      if (!call(log).ok()) _exit(1);
    });
  }

  Machine machine_;
};

Result<void> measure_b(RuntimeLog& log) { return log.measure(event("b")); }

TEST_P(LogOfAnyTd, ARegisterThatSomebodyElseExtendedStopsIt) {
  const std::unique_ptr<Td> td = machine_.ask();
  extend_behind_its_back({});
  EXPECT_EQ(log(*td).measure_once(event("a")).error().code, ErrorCode::refused);
  EXPECT_EQ(td->read_rtmr(kRuntimeRtmr).value(), sha384({ByteArray<48>{}, ByteArray<48>{}}));

  machine_.reboot();
  ASSERT_TRUE(measure_once(event("a")));
  extend_behind_its_back({});
  const std::unique_ptr<Td> rebooted = machine_.ask();
  EXPECT_EQ(log(*rebooted).measure_once(event("b")).error().code, ErrorCode::refused);
  EXPECT_EQ(log(*rebooted).events().error().code, ErrorCode::refused);
}

TEST_P(LogOfAnyTd, MeasuresInOrder) {
  EXPECT_EQ(measure_once(event("a")), true);
  EXPECT_EQ(measure_once(event("guest/b")), true);
  ASSERT_TRUE(log(*machine_.ask()).measure(event("c")).ok());
  EXPECT_EQ(names(), (Names{"a", "guest/b", "c"}));
}

TEST_P(LogOfAnyTd, EachObjectIsMeasuredOnceABoot) {
  EXPECT_EQ(measure_once(event("a", "1")), true);
  EXPECT_EQ(measure_once(event("a", "1")), false);
  EXPECT_EQ(measure_once(event("a", "2")), true);
  EXPECT_EQ(measure_once(event("b", "1")), true);
  EXPECT_EQ(names(), (Names{"a", "a", "b"}));
  ASSERT_TRUE(log(*machine_.ask()).measure(event("a", "1")).ok());
  EXPECT_EQ(names(), (Names{"a", "a", "b", "a"}));
}

TEST_P(LogOfAnyTd, ABootBeginsANewLogAndKeepsTheOld) {
  ASSERT_TRUE(measure_once(event("a")));
  const std::string old = journal();
  machine_.reboot();
  EXPECT_EQ(names(), Names{});
  EXPECT_EQ(measure_once(event("a")), true);
  EXPECT_EQ(names(), Names{"a"});
  EXPECT_EQ(as_text(testing_files::read(options_.directory + "/previous")), old);
}

// The child measures b; whoever comes behind it measures b too, once, and c.
TEST_P(LogOfAnyTd, AKillAtAnyStepLosesNothingAndMeasuresNothingTwice) {
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    std::filesystem::remove_all(options_.directory);
    machine_.reboot();
    ASSERT_TRUE(measure_once(event("a")));
    killed = killed_while(steps, measure_b);
    ASSERT_TRUE(measure_once(event("b"))) << steps;
    ASSERT_TRUE(measure_once(event("c"))) << steps;
    EXPECT_EQ(names(), (Names{"a", "b", "c"})) << steps;
  }
  // append, sync, extend, look, mark, append, sync, marked.
  EXPECT_EQ(steps, 9);
}

TEST_P(LogOfAnyTd, AKillAtAnyStepOfANewBootDoesNeither) {
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    std::filesystem::remove_all(options_.directory);
    machine_.reboot();
    ASSERT_TRUE(measure_once(event("old")));
    machine_.reboot();
    killed = killed_while(steps, measure_b);
    ASSERT_TRUE(measure_once(event("b"))) << steps;
    EXPECT_EQ(names(), Names{"b"}) << steps;
  }
  EXPECT_GT(steps, 9);
}

// Whoever repairs what a kill left may be killed too.
TEST_P(LogOfAnyTd, AKillInTheRepairDoesNeither) {
  int steps = 0;
  for (bool killed = true; killed; ++steps) {
    std::filesystem::remove_all(options_.directory);
    machine_.reboot();
    ASSERT_TRUE(measure_once(event("a")));
    put(journal_path(), journal() + journal_entry(event("b")));
    killed = killed_while(steps, [](RuntimeLog& log) -> Result<void> {
      const Result<RuntimeEventLog> events = log.events();
      if (!events.ok()) return events.error();
      return {};
    });
    EXPECT_EQ(names(), (Names{"a", "b"})) << steps;
    EXPECT_EQ(measure_once(event("b")), false);
  }
  EXPECT_GT(steps, 3);
}

TEST_P(LogOfAnyTd, ProcessesAtOnceEachMeasureTheirsOnce) {
  constexpr int kProcesses = 4;
  constexpr int kEvents = 6;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int i = 0; i < kEvents; ++i) {
        const std::string name = "p" + std::to_string(process) + "/" + std::to_string(i);
        if (measure_once(event(name)) != true) _exit(1);
        if (!measure_once(event("shared/" + std::to_string(i)))) _exit(1);
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
  Names all = names();
  EXPECT_EQ(all.size(), static_cast<size_t>((kProcesses + 1) * kEvents));
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_P(LogOfAnyTd, AQuoteComesWithTheEventsThatItsRegisterReplaysTo) {
  ASSERT_TRUE(measure_once(event("a")));
  int left = 2;
  const std::unique_ptr<Td> asked = machine_.ask();
  BeforeQuotes td(*asked, [&] {
    if (left == 0) return;
    ASSERT_TRUE(log(*asked).measure(event("b", std::to_string(left--))).ok());
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

INSTANTIATE_TEST_SUITE_P(, LogOfAnyTd,
                         testing::Values(Kind{"File", with_a_file, false},
                                         Kind{"Mounted", with_the_kernels_files, true}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace quoin::td
