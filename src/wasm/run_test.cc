#include "src/wasm/run.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "src/wasm/test_support.h"

namespace quoin {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class RunTest : public testing::Test {
 protected:
  void SetUp() override {
    if (probe_object().empty()) GTEST_SKIP() << "no clang that makes WASI programs";
  }
};

TEST_F(RunTest, PassesArgumentsAndEnvironmentAndNothingElse) {
  RunOptions options;
  options.environment = {{"NAME", "value=with=equals"}, {"EMPTY", ""}};
  const TestRun run = run_probe({"args", "two words", ""}, options);
  ASSERT_TRUE(run.record.ok()) << run.record.error().what;
  EXPECT_EQ(run.record->outcome.kind, OutcomeKind::exited);
  EXPECT_EQ(run.out, "probe\nargs\ntwo words\n\nNAME=value=with=equals\nEMPTY=\n");
}

TEST_F(RunTest, ReportsTheExitStatus) {
  for (const uint32_t status : {0U, 1U, 42U}) {
    const TestRun run = run_probe({"exit", std::to_string(status)});
    ASSERT_TRUE(run.record.ok()) << run.record.error().what;
    EXPECT_EQ(run.record->outcome.kind, OutcomeKind::exited);
    EXPECT_EQ(run.record->outcome.exit_status, status);
  }
}

TEST_F(RunTest, StreamsAndHashesWhatGoesInAndOut) {
  const std::string input(300'000, 'x');
  const TestRun run = run_probe({"echo"}, {}, input);
  ASSERT_TRUE(run.record.ok()) << run.record.error().what;
  EXPECT_EQ(run.out, input);
  EXPECT_EQ(run.err, "done\n");
  EXPECT_EQ(run.record->stdin_digest.sha256, sha256(as_bytes(input)));
  EXPECT_EQ(run.record->stdin_digest.size, input.size());
  EXPECT_EQ(run.record->stdout_digest.sha256, sha256(as_bytes(input)));
  EXPECT_EQ(run.record->stderr_digest.sha256, sha256(as_bytes("done\n")));
}

TEST_F(RunTest, ReadsNothingWithoutStandardInput) {
  RunOptions options;
  options.arguments = {"probe", "echo"};
  const auto record = run_object(probe_object(), options);
  ASSERT_TRUE(record.ok()) << record.error().what;
  EXPECT_EQ(record->stdin_digest.size, 0U);
  EXPECT_EQ(record->stderr_digest.size, 5U);
}

TEST_F(RunTest, WaitsForStandardInputOnlyAsLongAsItIsAsked) {
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  const UniqueFd in(fds[0]);
  const UniqueFd writer(fds[1]);
  RunOptions options;
  options.arguments = {"probe", "wait"};
  options.stdin_fd = in.get();
  const auto silent = run_object(probe_object(), options);
  ASSERT_TRUE(silent.ok());
  EXPECT_EQ(silent->stdout_digest.sha256, sha256(as_bytes("0\n")));
  ASSERT_EQ(write(writer.get(), "x", 1), 1);
  const auto ready = run_object(probe_object(), options);
  ASSERT_TRUE(ready.ok());
  EXPECT_EQ(ready->stdout_digest.sha256, sha256(as_bytes("1\n")));
}

TEST_F(RunTest, Traps) {
  const struct {
    const char* kind;
    const char* detail;
  } kCases[] = {{"unreachable", "unreachable"},   {"bounds", "out of bounds"},
                {"division", "division by zero"}, {"overflow", "overflow"},
                {"indirect", "indirect call"},    {"stack", "stack exhausted"}};
  for (const auto& test : kCases) {
    const TestRun run = run_probe({"trap", test.kind});
    ASSERT_TRUE(run.record.ok()) << run.record.error().what;
    EXPECT_EQ(run.record->outcome.kind, OutcomeKind::trapped) << test.kind;
    EXPECT_THAT(run.record->outcome.detail, HasSubstr(test.detail));
  }
}

TEST_F(RunTest, EndsAProgramThatHangs) {
  for (const char* how : {"hang", "sleep"}) {
    RunOptions options;
    options.timeout = milliseconds(300);
    const auto start = std::chrono::steady_clock::now();
    const TestRun run = run_probe({how}, options);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    ASSERT_TRUE(run.record.ok()) << run.record.error().what;
    EXPECT_EQ(run.record->outcome.kind, OutcomeKind::timed_out) << how;
  }
}

TEST_F(RunTest, EndsAFloodOfOutput) {
  RunOptions options;
  options.max_output_bytes = 100'000;
  const TestRun run = run_probe({"flood"}, options);
  ASSERT_TRUE(run.record.ok()) << run.record.error().what;
  EXPECT_EQ(run.record->outcome.kind, OutcomeKind::output_limit);
  EXPECT_EQ(run.out.size(), 100'000U);
  EXPECT_EQ(run.record->stdout_digest.sha256, sha256(as_bytes(run.out)));
}

TEST_F(RunTest, KeepsTimeWhenNobodyTakesTheOutput) {
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  const UniqueFd reader(fds[0]);
  const UniqueFd out(fds[1]);
  RunOptions options;
  options.arguments = {"probe", "flood"};
  options.stdout_fd = out.get();
  options.timeout = milliseconds(500);
  const auto record = run_object(probe_object(), options);
  ASSERT_TRUE(record.ok()) << record.error().what;
  EXPECT_EQ(record->outcome.kind, OutcomeKind::timed_out);
}

// Writes to both streams, by turns and without end, `size` bytes each time.
Bytes two_streams_object(size_t size) {
  std::string text = R"((module
      (import "wasi_snapshot_preview1" "fd_write"
        (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 2)
      (func (export "_start")
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const SIZE))
        (loop $again
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
          (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))
          (br $again)))))";
  text.replace(text.find("SIZE"), 4, std::to_string(size));
  CompileOptions options;
  options.cache_dir = test_cache();
  auto object = compile_module(module_from_wat(text), options);
  EXPECT_TRUE(object.ok()) << object.error().what;
  return object.ok() ? object->bytes : Bytes();
}

TEST(RunStreamsTest, KeepTimeWhenBothGoToOneFullPipe) {
  // An odd number of pages, so that one of the two takes the pipe's last one.
  const Bytes object = two_streams_object(60'000);
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  UniqueFd reader(fds[0]);
  const UniqueFd out(fds[1]);
  RunOptions options;
  options.stdout_fd = out.get();
  options.stderr_fd = out.get();
  options.timeout = milliseconds(500);
  // Whoever waits in write sees the reader go, long after the deadline.
  const std::jthread closer([&](const std::stop_token& stop) {
    for (int i = 0; i < 50 && !stop.stop_requested(); ++i) {
      std::this_thread::sleep_for(milliseconds(100));
    }
    reader.reset();
  });
  const auto record = run_object(object, options);
  ASSERT_TRUE(record.ok()) << record.error().what;
  EXPECT_EQ(record->outcome.kind, OutcomeKind::timed_out);
}

TEST(RunStreamsTest, ReachTheLimitTogether) {
  // So little that the second has come before the first is seen.
  const Bytes object = two_streams_object(1);
  RunOptions options;
  options.max_output_bytes = 0;
  for (int i = 0; i < 100; ++i) {
    const auto record = run_object(object, options);
    ASSERT_TRUE(record.ok()) << record.error().what;
    EXPECT_EQ(record->outcome.kind, OutcomeKind::output_limit);
    EXPECT_EQ(record->stdout_digest.size + record->stderr_digest.size, 0U);
  }
}

TEST(RunFilesTest, RefusesAProgramThatLeavesTooMuchToHash) {
  // Twenty sparse files, a gibibyte each.
  const Bytes module = module_from_wat(R"((module
    (import "wasi_snapshot_preview1" "path_open"
      (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_filestat_set_size"
      (func $resize (param i32 i64) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 16) "a")
    (func (export "_start")
      (loop $again
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 1)
          (i64.const 4194368) (i64.const 0) (i32.const 0) (i32.const 20)))
        (drop (call $resize (i32.load (i32.const 20)) (i64.const 1073741824)))
        (i32.store8 (i32.const 16) (i32.add (i32.load8_u (i32.const 16)) (i32.const 1)))
        (br_if $again (i32.lt_u (i32.load8_u (i32.const 16)) (i32.const 117)))))))");
  CompileOptions compiling;
  compiling.cache_dir = test_cache();
  const auto object = compile_module(module, compiling);
  ASSERT_TRUE(object.ok()) << object.error().what;
  const TestDirectory directory;
  RunOptions options;
  options.preopens = {{"/d", directory.path(), false}};
  options.timeout = milliseconds(500);
  const auto record = run_object(object->bytes, options);
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.error().code, ErrorCode::refused);
  EXPECT_THAT(record.error().what, HasSubstr("hashing"));
}

TEST_F(RunTest, EndsWhenTheReaderGoesAway) {
  std::array<int, 2> fds{};
  ASSERT_EQ(pipe2(fds.data(), O_CLOEXEC), 0);
  UniqueFd reader(fds[0]);
  const UniqueFd out(fds[1]);
  RunOptions options;
  options.arguments = {"probe", "flood"};
  options.stdout_fd = out.get();
  reader.reset();
  const auto record = run_object(probe_object(), options);
  ASSERT_TRUE(record.ok()) << record.error().what;
  EXPECT_EQ(record->outcome.kind, OutcomeKind::output_closed);
}

TEST_F(RunTest, LimitsMemory) {
  RunOptions options;
  options.memory_bytes = 16 << 20;
  const TestRun run = run_probe({"allocate"}, options);
  ASSERT_TRUE(run.record.ok()) << run.record.error().what;
  ASSERT_EQ(run.record->outcome.kind, OutcomeKind::exited) << run.record->outcome.detail;
  EXPECT_LE(std::stoul(run.out), 256U);
  EXPECT_GT(std::stoul(run.out), 200U);
}

TEST_F(RunTest, RefusesAProgramThatStartsTooLarge) {
  RunOptions options;
  options.memory_bytes = 65'536;
  const TestRun run = run_probe({"exit", "0"}, options);
  ASSERT_FALSE(run.record.ok());
  EXPECT_EQ(run.record.error().code, ErrorCode::refused);
  EXPECT_THAT(run.record.error().what, HasSubstr("more memory"));
}

TEST_F(RunTest, ManyAtOnce) {
  std::vector<std::jthread> threads;
  std::array<bool, 8> good{};
  for (bool& one : good) {
    threads.emplace_back([&one] {
      const TestRun run = run_probe({"clock"});
      one = run.record.ok() && run.record->outcome.kind == OutcomeKind::exited &&
            run.record->outcome.exit_status == 0;
    });
  }
  threads.clear();
  EXPECT_THAT(good, testing::Each(true));
}

TEST(RunOptionsTest, RefusesWhatMakesNoSense) {
  const std::string zero("a\0b", 3);
  std::vector<RunOptions> cases(9);
  cases[0].timeout = milliseconds(0);
  cases[1].memory_bytes = 65'535;
  cases[2].memory_bytes = uint64_t{1} << 32;
  cases[3].arguments = {zero};
  cases[4].environment = {{"", "value"}};
  cases[5].environment = {{"A=B", "value"}};
  cases[6].preopens = {{"", "/tmp", true}};
  cases[7].preopens = {{"/a", "/tmp", true}, {"/a", "/usr", true}};
  cases[8].preopens.assign(17, {"/a", "/tmp", true});
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto record = run_object({}, cases[i]);
    ASSERT_FALSE(record.ok()) << i;
    EXPECT_EQ(record.error().code, ErrorCode::invalid_argument) << i;
  }
  RunOptions large;
  large.arguments = {std::string(70'000, 'a')};
  EXPECT_EQ(run_object({}, large).error().code, ErrorCode::too_large);
  RunOptions missing;
  missing.preopens = {{"/a", "/nowhere/at/all", true}};
  EXPECT_EQ(run_object({}, missing).error().code, ErrorCode::not_found);
}

TEST(RunOptionsTest, RefusesWhatIsNoExecutable) {
  const auto record = run_object(as_bytes("not an executable"), {});
  ASSERT_FALSE(record.ok());
}

}  // namespace
}  // namespace quoin
