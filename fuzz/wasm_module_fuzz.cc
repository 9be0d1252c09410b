// The outside of a WebAssembly module: what is read has the bounds that it promises, and what may
// run imports only functions of the types that Quoin offers.

#include "src/wasm/module.h"

#include <cstdint>
#include <string_view>

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  const auto module = quoin::read_wasm_module({data, size});
  if (!module.ok()) return 0;
  require(module->imports.size() <= quoin::kMaxModuleImports);
  require(module->exports.size() <= quoin::kMaxModuleExports);
  if (!quoin::check_runnable(*module).ok()) return 0;
  require(module->memories.size() == 1 && !module->memories[0].is_64_bit);
  for (const quoin::ModuleImport& import : module->imports) {
    require(import.kind == quoin::ExternalKind::function);
    require(import.module == "wasi_snapshot_preview1");
    const char* signature = quoin::wasi_signature(import.name);
    require(signature != nullptr && import.signature == std::string_view(signature));
  }
  return 0;
}
