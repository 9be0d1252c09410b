// AES-256-GCM (NIST SP 800-38D) with nonces of 96 bits and tags of 128, and with no others.

#ifndef QUOIN_SRC_CRYPTO_AES_GCM_H_
#define QUOIN_SRC_CRYPTO_AES_GCM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/crypto/secret.h"

namespace quoin {

// One key, made ready once for many messages. Wipes what it made of the key at its end. What was
// moved from can only be destroyed or assigned to. Not thread-safe: a context for each thread.
class Aes256Gcm {
 public:
  static constexpr size_t kNonceBytes = 12;
  static constexpr size_t kTagBytes = 16;
  // Of one message. GCM could do 64 GiB.
  static constexpr size_t kMaxMessageBytes = size_t{1} << 30;

  using Nonce = ByteArray<kNonceBytes>;

  explicit Aes256Gcm(const Secret<32>& key);
  ~Aes256Gcm();
  Aes256Gcm(Aes256Gcm&&) noexcept;
  Aes256Gcm& operator=(Aes256Gcm&&) noexcept;

  // The ciphertext, as long as the plaintext, and the tag behind it. Two messages under one key
  // must never have the same nonce: whoever sees both can forge any. `out` begins where `plaintext`
  // does, or does not touch it. Fails with invalid_argument when `out` is not kTagBytes longer than
  // `plaintext`, with too_large over kMaxMessageBytes, and with crypto; `out` is then zero.
  Result<void> seal(const Nonce& nonce, ByteView associated_data, ByteView plaintext,
                    std::span<uint8_t> out);

  // The plaintext of what seal() made under this key with this nonce and this associated data.
  // `out` begins where `sealed` does, or does not touch it. Fails with refused for anything else,
  // with invalid_argument when `sealed` is not kTagBytes longer than `out`, with too_large, and
  // with crypto; `out` is then zero: nothing of an unauthenticated plaintext is left.
  Result<void> open(const Nonce& nonce, ByteView associated_data, ByteView sealed,
                    std::span<uint8_t> out);

 private:
  struct State;

  std::unique_ptr<State> state_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_AES_GCM_H_
