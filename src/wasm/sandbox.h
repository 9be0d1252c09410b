// The child that a guest runs in.

#ifndef QUOIN_SRC_WASM_SANDBOX_H_
#define QUOIN_SRC_WASM_SANDBOX_H_

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/unique_fd.h"
#include "src/wasm/run.h"
#include "src/wasm/spawn.h"

namespace quoin {

// A running guest and our ends of what it holds. None of them blocks.
struct Sandbox {
  Child child;
  UniqueFd broker;  // SOCK_SEQPACKET; its other end is the guest's QUOIN_BROKER_FD
  UniqueFd out;     // to read from
  UniqueFd err;     // to read from
};

// How many pages of memory the options allow.
uint64_t max_pages(const RunOptions& options);

// Starts the object, with `greeting` waiting for it in the socket. The bytes that were given are
// the bytes that run: they are copied to a sealed file in memory.
Result<Sandbox> start_sandbox(ByteView native_object, ByteView greeting, const RunOptions& options);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_SANDBOX_H_
