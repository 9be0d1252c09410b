// The outside of a WebAssembly module: read_wasm_module and check_runnable.

#include "src/wasm/module.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto module = quoin::read_wasm_module({data, size});
  if (module.ok()) static_cast<void>(quoin::check_runnable(*module).ok());
  return 0;
}
