#include "src/wasm/test_support.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/wasm/toolchain.h"

namespace quoin {
namespace {

std::string shell_quoted(const std::string& text) { return "'" + text + "'"; }

bool shell(const std::string& command) { return system(command.c_str()) == 0; }

Bytes file_bytes(const std::string& path) {
  auto bytes = read_file(path, size_t{64} << 20);
  return bytes.ok() ? *bytes : Bytes();
}

// The beginning of a command that makes a WASI program: the output and the source are to follow.
// Empty when no compiler here can make any.
std::string wasi_compiler() {
  const TestDirectory directory;
  directory.write("empty.c", "int main(void) { return 0; }\n");
  for (const char* compiler : {"clang-19", "clang", "clang-14"}) {
    const std::string command = std::string(compiler) + " --target=wasm32-wasi -O1 -o ";
    if (shell(command + shell_quoted(directory.file("m.wasm")) + " " +
              shell_quoted(directory.file("empty.c")) + " 2>/dev/null")) {
      return command;
    }
  }
  return "";
}

// A file in memory to be somebody's standard output.
UniqueFd memory_file() { return UniqueFd(memfd_create("test", MFD_CLOEXEC)); }

std::string contents(const UniqueFd& file) {
  std::string text(static_cast<size_t>(lseek(file.get(), 0, SEEK_END)), '\0');
  EXPECT_EQ(pread(file.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  return text;
}

}  // namespace

TestDirectory::TestDirectory() : path_("/tmp/quoin-wasm-test-XXXXXX") {
  EXPECT_NE(mkdtemp(path_.data()), nullptr);
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TestDirectory::write(std::string_view name, std::string_view text) const {
  std::ofstream(file(name), std::ios::binary) << text;
}

std::string TestDirectory::read(std::string_view name) const {
  std::ifstream stream(file(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::string& test_cache() {
  static const TestDirectory directory;
  return directory.path();
}

Bytes module_from_wat(std::string_view text) {
  const TestDirectory directory;
  directory.write("m.wat", text);
  EXPECT_TRUE(shell("wat2wasm --enable-memory64 --enable-multi-memory " +
                    shell_quoted(directory.file("m.wat")) + " -o " +
                    shell_quoted(directory.file("m.wasm"))));
  return file_bytes(directory.file("m.wasm"));
}

Bytes module_from_c(std::string_view name) {
  static const std::string kCompiler = wasi_compiler();
  if (kCompiler.empty()) return {};
  const TestDirectory directory;
  const std::string source =
      std::string(QUOIN_SOURCE_DIR "/src/wasm/testdata/") + std::string(name);
  EXPECT_TRUE(
      shell(kCompiler + shell_quoted(directory.file("m.wasm")) + " " + shell_quoted(source)));
  return file_bytes(directory.file("m.wasm"));
}

const Bytes& probe_object() {
  static const Bytes kObject = [] {
    const Bytes wasm = module_from_c("probe.c");
    if (wasm.empty()) return Bytes();
    CompileOptions options;
    options.cache_dir = test_cache();
    auto object = compile_module(wasm, options);
    EXPECT_TRUE(object.ok()) << object.error().what;
    return object.ok() ? object->bytes : Bytes();
  }();
  return kObject;
}

TestRun run_for_test(ByteView object, RunOptions options, std::string_view input) {
  const UniqueFd in = memory_file();
  EXPECT_EQ(write(in.get(), input.data(), input.size()), static_cast<ssize_t>(input.size()));
  lseek(in.get(), 0, SEEK_SET);
  const UniqueFd out = memory_file();
  const UniqueFd err = memory_file();
  options.stdin_fd = in.get();
  options.stdout_fd = out.get();
  options.stderr_fd = err.get();
  auto record = run_object(object, options);
  return {std::move(record), contents(out), contents(err)};
}

TestRun run_probe(std::vector<std::string> arguments, RunOptions options, std::string_view input) {
  options.arguments = {"probe"};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  return run_for_test(probe_object(), std::move(options), input);
}

}  // namespace quoin
