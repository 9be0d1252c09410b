#include "src/crypto/p256.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "src/base/error.h"

namespace quoin {
namespace {

constexpr size_t kIntegerSize = 32;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

// Takes away what OpenSSL adds to this thread's error queue while it lives: a wrong signature
// must not look like a failure of the TLS connection that is served next.
class ErrorMark {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

Error crypto_failed(std::string what) { return {ErrorCode::crypto, "OpenSSL: " + std::move(what)}; }

EVP_PKEY* make_curve() {
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* curve = nullptr;
  if (!context || EVP_PKEY_paramgen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_group_name(context.get(), "P-256") != 1 ||
      EVP_PKEY_paramgen(context.get(), &curve) != 1) {
    return nullptr;
  }
  return curve;
}

// The curve as a key without a point, or null when OpenSSL cannot make one. Made once and never
// freed: naming the curve again for each key would cost a quarter of a verification.
const EVP_PKEY* shared_curve() {
  static const EVP_PKEY* const curve = make_curve();
  return curve;
}

// A signature as DER: SEQUENCE { r INTEGER, s INTEGER } (RFC 3279, section 2.2.3).
class DerSignature {
 public:
  explicit DerSignature(const P256Signature& signature) {
    push(kSequence);
    push(0);
    const ByteView raw(signature);
    push_integer(raw.first(kIntegerSize));
    push_integer(raw.last(kIntegerSize));
    bytes_[1] = static_cast<uint8_t>(size_ - kHeaderSize);
  }

  const uint8_t* data() const { return bytes_.data(); }
  size_t size() const { return size_; }

 private:
  static constexpr uint8_t kSequence = 0x30;
  static constexpr uint8_t kInteger = 0x02;
  static constexpr size_t kHeaderSize = 2;

  void push(uint8_t byte) { bytes_[size_++] = byte; }

  // The shortest form: no leading zeros, but one where the top bit would mean a minus sign.
  void push_integer(ByteView integer) {
    while (integer.size() > 1 && integer.front() == 0) integer = integer.subspan(1);
    const bool needs_zero = integer.front() >= 0x80;
    push(kInteger);
    push(static_cast<uint8_t>(integer.size() + (needs_zero ? 1 : 0)));
    if (needs_zero) push(0);
    for (const uint8_t byte : integer) push(byte);
  }

  ByteArray<kHeaderSize + 2 * (kHeaderSize + 1 + kIntegerSize)> bytes_{};
  size_t size_ = 0;
};

}  // namespace

// A context that is ready to verify, and is never used but to be copied: OpenSSL's contexts
// serve one thread at a time, while functions that take them as const may be called from many
// (openssl-threads(7)). A copy costs half of what a new one does.
struct P256PublicKey::State {
  Context context;
};

Result<P256PublicKey> P256PublicKey::from_point(const P256Point& point) {
  const ErrorMark mark;
  const EVP_PKEY* const curve = shared_curve();
  const Key key(EVP_PKEY_new());
  if (curve == nullptr || !key || EVP_PKEY_copy_parameters(key.get(), curve) != 1) {
    return crypto_failed("cannot make a P-256 key");
  }
  // SEC 1, section 2.3.4. With this first byte the point at infinity has no encoding, so that
  // being on the curve, whose cofactor is 1, is all there is to check.
  constexpr uint8_t kUncompressed = 0x04;
  ByteArray<1 + std::tuple_size_v<P256Point>> encoded{kUncompressed};
  std::ranges::copy(point, encoded.begin() + 1);
  if (EVP_PKEY_set1_encoded_public_key(key.get(), encoded.data(), encoded.size()) != 1) {
    return malformed("P-256: the point is not on the curve");
  }
  Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) {
    return crypto_failed("cannot verify with a P-256 key");
  }
  return P256PublicKey(std::make_shared<const State>(State{std::move(context)}));
}

bool P256PublicKey::verify(const Sha256Digest& digest, const P256Signature& signature) const {
  const ErrorMark mark;
  const Context context(EVP_PKEY_CTX_dup(state_->context.get()));
  if (!context) return false;
  const DerSignature der(signature);
  return EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) == 1;
}

bool P256PublicKey::verify(ByteView message, const P256Signature& signature) const {
  return verify(sha256(message), signature);
}

}  // namespace quoin
