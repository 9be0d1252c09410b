// Runs a native object that compile_module made, in a sandbox, and records what went in and out.

#ifndef QUOIN_SRC_WASM_RUN_H_
#define QUOIN_SRC_WASM_RUN_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/crypto/sha2.h"

namespace quoin {

// A directory of ours that the guest sees under a name of its own.
struct Preopen {
  std::string guest_path;  // "/data"
  std::string host_path;
  bool read_only = true;
};

// What the guest gets: nothing that is not named here.
struct RunOptions {
  // argv, from argv[0]. Arguments and environment together take at most 64 KiB.
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<Preopen> preopens;  // at most 16
  // The limit by the wall clock; more than zero.
  std::chrono::milliseconds timeout = std::chrono::minutes(10);
  // The limit on linear memory, rounded down to pages of 64 KiB; from 1 page to 65535 pages.
  uint64_t memory_bytes = uint64_t{1} << 30;
  // The limit on standard output and standard error together.
  uint64_t max_output_bytes = uint64_t{1} << 30;
  // The limit on the size of each file that the guest writes.
  uint64_t max_file_bytes = uint64_t{1} << 30;
  // Borrowed. -1: the guest reads nothing, and what it writes is counted and hashed and dropped.
  int stdin_fd = -1;
  int stdout_fd = -1;
  int stderr_fd = -1;
};

enum class OutcomeKind : uint8_t {
  exited,         // it ended by itself, with exit_status
  trapped,        // WebAssembly's own fault: `detail` says which
  killed,         // by a signal: `detail` says which. exit_status is 128 + its number
  timed_out,      // it took longer than `timeout`
  output_limit,   // it wrote more than `max_output_bytes`
  output_closed,  // whoever read its output went away
};

// The kind's name as spelled above, for output.
std::string_view to_string(OutcomeKind kind);

struct Outcome {
  OutcomeKind kind = OutcomeKind::exited;
  uint32_t exit_status = 0;  // WASI's are 32 bits wide
  std::string detail;
};

struct FileDigest {
  std::string guest_path;  // the preopen's name, a slash, the path in it without symbolic links
  Sha256Digest sha256{};
  uint64_t size = 0;
};

struct StreamDigest {
  Sha256Digest sha256{};
  uint64_t size = 0;
};

// What a receipt can say about a run.
struct RunRecord {
  Outcome outcome;
  StreamDigest stdin_digest;   // what the guest got, which may be less than there was
  StreamDigest stdout_digest;  // what was handed on
  StreamDigest stderr_digest;
  // Regular files opened for reading, as they were when opened. Sorted by path, each path once.
  std::vector<FileDigest> inputs;
  // Regular files that the guest created, wrote, linked or renamed, as they are at the end, if
  // they still exist. Sorted by path, each path once.
  std::vector<FileDigest> outputs;
};

// Runs the object until it ends or a limit ends it. The object is treated as hostile: it runs
// as another user (when we are root) without capabilities, in a system call filter that is complete
// before its first instruction, with no way to open anything. All paths go through this process,
// which resolves them beneath the preopened directories with openat2.
//
// An outcome that is not `exited` is not an error: it is a record. Errors are: invalid_argument
// (the options make no sense), not_found and permission (a preopen), unsupported (the
// kernel lacks what the sandbox needs), refused (the object broke the protocol, needs more memory
// than it may have, left more behind than can be hashed in as much time again, or an input changed
// while it was read, so that no honest record can be made), io.
//
// Inputs are hashed when opened and checked for a change of size or times when closed: this finds
// accidents and careless writers, not somebody with our rights who sets the clock back.
//
// Thread-safe. Blocks SIGPIPE in the calling thread while it runs, and leaves no process and no
// file behind. The child dies when the calling thread does.
Result<RunRecord> run_object(ByteView native_object, const RunOptions& options);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_RUN_H_
