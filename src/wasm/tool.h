// Running wasm2c and the compiler on hostile input.

#ifndef QUOIN_SRC_WASM_TOOL_H_
#define QUOIN_SRC_WASM_TOOL_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/result.h"

namespace quoin {

struct ToolRun {
  std::string program;                 // its path
  std::vector<std::string> arguments;  // without argv[0]
  std::string directory;               // the only one in which it can write; empty: none
  std::vector<std::string> readable;   // directories that it may read besides the system's
  std::chrono::milliseconds timeout{};
};

// Runs the tool in a child of its own: see compile_module. Returns the first 64 KiB of what it
// wrote to standard output. Fails with ErrorCode::refused, and the first lines of its standard
// error, when it ends with anything but 0, crashes or takes too long.
Result<std::string> run_tool(const ToolRun& run);

// Text from a tool, fit to be shown: no control characters, at most `max_lines` lines of at most
// 200 characters.
std::string first_lines(std::string_view text, size_t max_lines);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_TOOL_H_
