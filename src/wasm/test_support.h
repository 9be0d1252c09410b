// What the room's tests share.

#ifndef QUOIN_SRC_WASM_TEST_SUPPORT_H_
#define QUOIN_SRC_WASM_TEST_SUPPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "src/os/unique_fd.h"
#include "src/wasm/compile.h"
#include "src/wasm/run.h"

namespace quoin {

// A fresh directory, removed with all in it at the end.
class TestDirectory {
 public:
  TestDirectory();
  ~TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  // Writes a file.
  void write(std::string_view name, std::string_view text) const;
  std::string read(std::string_view name) const;

 private:
  std::string path_;
};

// Where this test run keeps its objects.
const std::string& test_cache();

// The module that wat2wasm makes of the text.
Bytes module_from_wat(std::string_view text);
// The module that clang makes of src/wasm/testdata/`name`; empty when no clang can make any.
Bytes module_from_c(std::string_view name);

// The compiled probe (testdata/probe.c); empty when no clang can make it.
const Bytes& probe_object();

struct TestRun {
  Result<RunRecord> record;
  std::string out;
  std::string err;
};

// Runs the object with what `options` say; standard input is `input`.
TestRun run_for_test(ByteView object, RunOptions options, std::string_view input = "");

// Runs the probe with these arguments behind its name.
TestRun run_probe(std::vector<std::string> arguments, RunOptions options = {},
                  std::string_view input = "");

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_TEST_SUPPORT_H_
