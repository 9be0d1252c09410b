// System call filters (seccomp), made before the fork so that the child only installs them.

#ifndef QUOIN_SRC_WASM_SYSTEM_FILTER_H_
#define QUOIN_SRC_WASM_SYSTEM_FILTER_H_

#include <linux/filter.h>

#include <vector>

#include "quoin/result.h"

namespace quoin {

using SystemFilter = std::vector<sock_filter>;

// What a guest may call: memory without execution, files that it already has, clocks, random bytes,
// its own end, and one execveat of `exec_fd`. It can open, create, connect, fork and signal
// nothing. Everything that is not on the list ends it with SIGSYS.
Result<SystemFilter> guest_filter(int exec_fd);

// What wasm2c and the compiler may not call: they get EPERM for sockets, for other processes'
// memory, for leaving their session (so that killing the process group ends all of them), and for
// the parts of the kernel that a compiler has no business with.
Result<SystemFilter> tool_filter();

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_SYSTEM_FILTER_H_
