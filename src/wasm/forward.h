// Standard output and standard error on their way from the guest to whoever wants them.

#ifndef QUOIN_SRC_WASM_FORWARD_H_
#define QUOIN_SRC_WASM_FORWARD_H_

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/unique_fd.h"
#include "src/wasm/run.h"

namespace quoin {

// Takes bytes from the guest's pipe and hands them on, a bufferful at a time: when nobody takes
// them, the guest has to wait. What is handed on is what is hashed. Never blocks when its
// descriptors are ready. Not thread-safe.
class Forwarder {
 public:
  // `source` is ours and does not block; `target` is borrowed, or -1: then bytes are dropped.
  Forwarder(UniqueFd source, int target) : source_(std::move(source)), target_(target) {}

  // Descriptors to wait for, or -1.
  int readable() const { return buffer_.empty() && source_.valid() ? source_.get() : -1; }
  int writable() const { return buffer_.empty() ? -1 : target_; }

  // Whether all that the guest wrote and will write has been handed on.
  bool finished() const { return buffer_.empty() && !source_.valid(); }

  // Takes what is there, at most `allowed` bytes; returns how many there were, up to one more than
  // that: then the guest has gone over its limit, and the one byte is dropped.
  Result<uint64_t> take(uint64_t allowed);

  // Hands on some of the buffer. False when nobody takes it any more.
  Result<bool> hand_on();

  // Takes nothing more; what is in the buffer is still to be handed on.
  void close_source() { source_.reset(); }

  StreamDigest digest() { return {hash_.finish(), size_}; }

 private:
  UniqueFd source_;
  int target_;
  Bytes buffer_;
  Sha256 hash_;
  uint64_t size_ = 0;
};

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_FORWARD_H_
