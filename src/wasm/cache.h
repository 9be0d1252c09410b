// Compiled objects, kept by digest.

#ifndef QUOIN_SRC_WASM_CACHE_H_
#define QUOIN_SRC_WASM_CACHE_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/crypto/sha2.h"
#include "src/os/unique_fd.h"

namespace quoin {

// A directory of files named by key. Each file is the SHA-256 of its content and then the content.
// It is written under another name, synced, and renamed, so that it is there whole or not at all.
// Several processes may use one directory.
class ObjectCache {
 public:
  // Opens the directory, made with mode 0700 when missing (its parent must exist, or parents are
  // made too). Fails with ErrorCode::permission when it is not ours or others may write to it.
  static Result<ObjectCache> open(const std::string& directory);

  // The content under the key. Fails with ErrorCode::not_found when there is none, or when what is
  // there is damaged.
  Result<Bytes> get(const Sha256Digest& key) const;

  // Keeps the content, in the place of what is there.
  Result<void> put(const Sha256Digest& key, ByteView content) const;

 private:
  explicit ObjectCache(UniqueFd directory) : directory_(std::move(directory)) {}

  UniqueFd directory_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_CACHE_H_
