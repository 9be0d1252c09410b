// From a hostile .wasm to a native object, ahead of time: wasm2c, then the C compiler.

#ifndef QUOIN_SRC_WASM_COMPILE_H_
#define QUOIN_SRC_WASM_COMPILE_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/crypto/sha2.h"

namespace quoin {

// Where the tools are. The defaults are Debian's.
struct ToolPaths {
  std::string wasm2c = "/usr/bin/wasm2c";
  std::string compiler = "/usr/bin/cc";
  // Directories with wabt's runtime sources (wasm-rt*); of two files of one name the first counts.
  std::vector<std::string> runtime_sources = {"/usr/share/wabt/wasm2c", "/usr/src/wasm2c",
                                              "/usr/include"};
};

// Which tools make the object. Two equal digests make the same object of the same module.
struct Toolchain {
  std::string wasm2c_version;     // "1.0.32"
  std::string cc_version;         // "cc (Debian 12.2.0-14+deb12u1) 12.2.0"
  Sha256Digest digest{};          // wasm2c, wabt's runtime sources, the compiler's identity, libc.a
  Sha256Digest runtime_digest{};  // Quoin's own guest runtime and the compiler's flags
};

// Looks at the tools. Fails with ErrorCode::not_found, with a hint, when one is missing, and with
// ErrorCode::unsupported when wasm2c is of a version whose output we do not know (we know 1.0.32
// and 1.0.36).
Result<Toolchain> find_toolchain(const ToolPaths& tools = {});

struct CompileOptions {
  // Where objects are kept, made with mode 0700 when missing. Must be ours, and writable by nobody
  // else. Empty: nothing is kept.
  std::string cache_dir;
  ToolPaths tools;
  // The limit on each tool's run, by the wall clock.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  // Told what is being done, in a few words ("translating", "compiling"). May be empty. Not called
  // when the object comes from the cache.
  std::function<void(std::string_view)> progress;
};

// A static Linux executable for this machine, to be run by run_object and by nothing else: it
// expects the broker on file descriptor 3.
struct NativeObject {
  Bytes bytes;
  Sha256Digest sha256{};       // of the bytes
  Sha256Digest wasm_sha256{};  // of the module that it was made of
  Toolchain toolchain;
  bool from_cache = false;
};

// Compiles the module, or takes the object from the cache. The same module and toolchain give the
// same bytes on every machine. wasm2c and the compiler run in a child without network, with limits
// on time, memory and output, which sees only /usr and a fresh directory (where the kernel has
// Landlock).
//
// Fails with ErrorCode::refused when a tool does not accept the module, crashes, or takes too
// long; with find_toolchain's codes and those of read_wasm_module and check_runnable; and with
// ErrorCode::permission when the cache directory is not safe to use. Thread-safe; two compilations
// of one module at the same time both succeed.
Result<NativeObject> compile_module(ByteView wasm, const CompileOptions& options);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_COMPILE_H_
