// What a .wasm file asks for, read strictly, before any tool is let near it.

#ifndef QUOIN_SRC_WASM_MODULE_H_
#define QUOIN_SRC_WASM_MODULE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// Limits on what is read at all. What one module may have is far below what the format can say.
inline constexpr size_t kMaxModuleBytes = size_t{64} << 20;
inline constexpr uint32_t kMaxModuleTypes = 10'000;
inline constexpr uint32_t kMaxModuleFunctions = 1'000'000;
inline constexpr uint32_t kMaxModuleImports = 1'000;
inline constexpr uint32_t kMaxModuleExports = 10'000;
inline constexpr uint32_t kMaxModuleNameBytes = 1'000;
inline constexpr uint32_t kMaxTableElements = 10'000'000;

// One page of linear memory, in bytes.
inline constexpr uint64_t kWasmPageBytes = 65'536;

// A function's type in letters: parameters, a colon, results; i is i32, I is i64, f is f32, d is
// f64, and ? is anything else. "iiii:i" is fd_write's.
using FunctionSignature = std::string;

enum class ExternalKind : uint8_t { function = 0, table = 1, memory = 2, global = 3, tag = 4 };

// The kind's name as spelled above, for output.
std::string_view to_string(ExternalKind kind);

struct ModuleImport {
  std::string module;
  std::string name;
  ExternalKind kind = ExternalKind::function;
  FunctionSignature signature;  // functions only
};

struct ModuleExport {
  std::string name;
  ExternalKind kind = ExternalKind::function;
  uint32_t index = 0;
  FunctionSignature signature;  // functions only
};

// A linear memory's size in pages.
struct MemoryLimits {
  uint64_t initial_pages = 0;
  std::optional<uint64_t> max_pages;
  bool is_64_bit = false;
  bool is_shared = false;
};

struct WasmModule {
  std::vector<ModuleImport> imports;
  std::vector<ModuleExport> exports;
  std::vector<MemoryLimits> memories;  // defined here, not imported
  bool has_start_function = false;
};

// Reads the module's outside: header, order and sizes of sections, types, imports, tables,
// memories, exports (WebAssembly Core Specification, section 5.5). Function bodies, data and custom
// sections are stepped over: whether they are valid is for wasm2c to say. Bounded in time and
// memory by the module's size. Fails with ErrorCode::malformed, truncated, trailing_bytes,
// too_large or unsupported.
Result<WasmModule> read_wasm_module(ByteView wasm);

// Whether Quoin can run the module as a WASI command: it imports only functions that Quoin
// offers, with the types they have, defines and exports one 32-bit memory called "memory", and
// exports `_start` without parameters and results. Fails with ErrorCode::unsupported and says what
// is in the way.
Result<void> check_runnable(const WasmModule& module);

// The signature of wasi_snapshot_preview1's function `name`, or null when there is none.
const char* wasi_signature(std::string_view name);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_MODULE_H_
