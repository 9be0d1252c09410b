// The tools in use, and the digests that name them.

#ifndef QUOIN_SRC_WASM_TOOLCHAIN_H_
#define QUOIN_SRC_WASM_TOOLCHAIN_H_

#include <string>
#include <vector>

#include "src/wasm/compile.h"

namespace quoin {

// One of wabt's runtime sources, as it will be compiled.
struct RuntimeSource {
  std::string name;  // "wasm-rt-impl.c"
  Bytes text;
};

// A Toolchain and what it was found to be made of.
struct FoundToolchain {
  Toolchain toolchain;
  int wabt_minor = 0;  // 32 or 36: the two shapes of wasm2c's output that we know
  std::vector<RuntimeSource> runtime_sources;  // sorted by name
};

Result<FoundToolchain> look_at_toolchain(const ToolPaths& tools);

// The compiler's flags, the same for each module. The macro with wabt's version comes on top.
const std::vector<std::string>& compiler_flags();

// The file's bytes. `flags` are added to those of open. Fails with ErrorCode::too_large above
// `max`, and as system calls do.
Result<Bytes> read_file(const std::string& path, size_t max, int flags = 0);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_TOOLCHAIN_H_
