#include "src/wasm/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "src/wasm/run.h"
#include "src/wasm/test_support.h"

namespace quoin {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;

CompileOptions options_with(const std::string& cache_dir) {
  CompileOptions options;
  options.cache_dir = cache_dir;
  return options;
}

// A program that does nothing, or what `body` says.
Bytes program(const std::string& body = "") {
  return module_from_wat("(module (memory (export \"memory\") 1) (func (export \"_start\") " +
                         body + "))");
}

size_t files_in(const std::string& directory) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(directory), {}));
}

// The number of work directories that compilations have left behind.
size_t left_behind() {
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path())) {
    if (entry.path().filename().string().starts_with("quoin-compile-")) ++count;
  }
  return count;
}

// Two builds share nothing but the module: each has a work directory of its own.
TEST(CompileTest, GivesTheSameBytesEachTime) {
  const Bytes wasm = program();
  const auto first = compile_module(wasm, options_with(""));
  ASSERT_TRUE(first.ok()) << first.error().what;
  const auto second = compile_module(wasm, options_with(""));
  ASSERT_TRUE(second.ok()) << second.error().what;
  EXPECT_EQ(first->sha256, second->sha256);
  EXPECT_EQ(first->sha256, sha256(first->bytes));
  EXPECT_EQ(first->wasm_sha256, sha256(wasm));
  EXPECT_FALSE(second->from_cache);
  const auto record = run_object(first->bytes, {});
  ASSERT_TRUE(record.ok()) << record.error().what;
  EXPECT_EQ(record->outcome.kind, OutcomeKind::exited);
}

TEST(CompileTest, TheCacheGivesBackWhatWasMadeAndMakesAgainWhatIsDamaged) {
  const TestDirectory directory;
  const std::string cache = directory.file("a/cache");
  const Bytes wasm = program("nop");
  const auto made = compile_module(wasm, options_with(cache));
  ASSERT_TRUE(made.ok()) << made.error().what;
  ASSERT_EQ(files_in(cache), 1U);
  const auto kept = compile_module(wasm, options_with(cache));
  ASSERT_TRUE(kept.ok());
  EXPECT_TRUE(kept->from_cache);
  EXPECT_EQ(kept->sha256, made->sha256);

  const std::string entry = fs::directory_iterator(cache)->path();
  {
    std::fstream file(entry, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1'000);
    file.put('\x7f');
    file.put('\x01');
  }
  const auto again = compile_module(wasm, options_with(cache));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->from_cache);
  EXPECT_EQ(again->sha256, made->sha256);
  EXPECT_TRUE(compile_module(wasm, options_with(cache))->from_cache);

  fs::permissions(cache, fs::perms::others_write, fs::perm_options::add);
  const auto unsafe = compile_module(wasm, options_with(cache));
  ASSERT_FALSE(unsafe.ok());
  EXPECT_EQ(unsafe.error().code, ErrorCode::permission);
}

TEST(CompileTest, TwoAtOnceBothSucceed) {
  const TestDirectory directory;
  const Bytes wasm = program("nop nop");
  std::array<bool, 2> good{};
  {
    std::vector<std::jthread> threads;
    for (bool& one : good) {
      threads.emplace_back(
          [&] { one = compile_module(wasm, options_with(directory.path())).ok(); });
    }
  }
  EXPECT_THAT(good, testing::Each(true));
  EXPECT_EQ(files_in(directory.path()), 1U);
}

// 30'000 blocks, one in the other: enough for wasm2c 1.0.32 to run out of stack.
Bytes deeply_nested() {
  Bytes code;
  for (int i = 0; i < 30'000; ++i) code.insert(code.end(), {0x02, 0x40});
  code.insert(code.end(), 30'001, 0x0b);
  const auto leb = [](size_t value) {
    return Bytes{static_cast<uint8_t>(0x80 | (value & 0x7f)),
                 static_cast<uint8_t>(0x80 | (value >> 7 & 0x7f)),
                 static_cast<uint8_t>(value >> 14)};
  };
  Bytes module = program();
  // The code section is the last: section id, size, one body, its size, no locals, end.
  const Bytes tail = {0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b};
  EXPECT_TRUE(equal(ByteView(module).last(tail.size()), tail));
  module.resize(module.size() - tail.size());
  const Bytes body_size = leb(code.size() + 1);
  const Bytes section_size = leb(code.size() + 1 + body_size.size() + 1);
  module.push_back(0x0a);
  module.insert(module.end(), section_size.begin(), section_size.end());
  module.push_back(1);
  module.insert(module.end(), body_size.begin(), body_size.end());
  module.push_back(0);
  module.insert(module.end(), code.begin(), code.end());
  return module;
}

TEST(CompileTest, RefusesWhatTheToolsCannotTake) {
  const size_t before = left_behind();
  Bytes invalid = program("(drop (i32.const 1))");
  // The end of the body, made an unknown instruction.
  invalid.back() = 0xff;
  const Bytes simd = program("(drop (i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4)))");
  for (const Bytes& wasm : {invalid, simd, deeply_nested()}) {
    const auto object = compile_module(wasm, options_with(""));
    // A newer wasm2c can do more, and needs SIMDe for it.
    if (object.ok()) continue;
    EXPECT_EQ(object.error().code, ErrorCode::refused);
    EXPECT_THAT(object.error().what, AnyOf(HasSubstr("wasm2c"), HasSubstr("simde")));
  }
  EXPECT_FALSE(compile_module(invalid, options_with("")).ok());
  EXPECT_EQ(left_behind(), before);
}

TEST(CompileTest, RefusesWhatTakesTooLong) {
  CompileOptions options;
  options.timeout = std::chrono::milliseconds(1);
  const auto object = compile_module(program(), options);
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error().code, ErrorCode::refused);
  EXPECT_THAT(object.error().what, HasSubstr("too long"));
  options.timeout = std::chrono::milliseconds(0);
  EXPECT_EQ(compile_module(program(), options).error().code, ErrorCode::invalid_argument);
}

TEST(CompileTest, SaysWhichToolIsMissing) {
  CompileOptions options;
  options.tools.wasm2c = "/nowhere/wasm2c";
  const auto object = compile_module(program(), options);
  ASSERT_FALSE(object.ok());
  EXPECT_EQ(object.error().code, ErrorCode::not_found);
  EXPECT_THAT(object.error().hint, HasSubstr("apt-get install"));
  options = {};
  options.tools.runtime_sources = {"/nowhere"};
  EXPECT_EQ(compile_module(program(), options).error().code, ErrorCode::not_found);
}

TEST(CompileTest, TakesNoLinkForTheObject) {
  const TestDirectory directory;
  fs::permissions(directory.path(), fs::perms{0755});
  directory.write("cc",
                  "#!/bin/sh\n"
                  "case \"$1\" in --version | -print-*) exec /usr/bin/cc \"$@\" ;; esac\n"
                  "exec ln -s /usr/bin/env object\n");
  fs::permissions(directory.file("cc"), fs::perms{0755});
  CompileOptions options;
  options.tools.compiler = directory.file("cc");
  const auto object = compile_module(program(), options);
  ASSERT_FALSE(object.ok());
  EXPECT_THAT(object.error().what, HasSubstr("object"));
}

TEST(CompileTest, NamesTheToolchain) {
  const auto first = find_toolchain();
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_EQ(first->digest, find_toolchain()->digest);
  EXPECT_THAT(first->wasm2c_version, testing::StartsWith("1.0."));
  EXPECT_NE(first->digest, first->runtime_digest);
}

}  // namespace
}  // namespace quoin
