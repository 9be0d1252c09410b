// The generated C between wasm2c's output and the guest runtime.

#ifndef QUOIN_SRC_WASM_ADAPTER_H_
#define QUOIN_SRC_WASM_ADAPTER_H_

#include <string>

#include "src/wasm/module.h"

namespace quoin {

// The text of adapter.c for a module that passed check_runnable: a function for each import, in the
// spelling of wasm2c 1.0.`wabt_minor` (32 or 36), that calls the guest runtime's, and
// quoin_run_module. Nothing in it comes from the module but names that are on WASI's list.
std::string make_adapter(const WasmModule& module, int wabt_minor);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_ADAPTER_H_
