#include "src/simulator/signing_key.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string>

#include "src/crypto/openssl_pointer.h"

namespace quoin::simulator {
namespace {

using Number = OpenSslPointer<BIGNUM, BN_clear_free>;
using Context = OpenSslPointer<BN_CTX, BN_CTX_free>;
using Group = OpenSslPointer<EC_GROUP, EC_GROUP_free>;
using Point = OpenSslPointer<EC_POINT, EC_POINT_clear_free>;

void require(bool holds) {
  if (!holds) std::abort();
}

Number new_number() {
  Number number(BN_new());
  require(number != nullptr);
  return number;
}

Number read_number(ByteView big_endian) {
  Number number(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), nullptr));
  require(number != nullptr);
  return number;
}

ByteArray<32> to_octets(const BIGNUM* number) {
  ByteArray<32> out{};
  require(BN_bn2binpad(number, out.data(), static_cast<int>(out.size())) == 32);
  return out;
}

// The group P-256 (FIPS 186-5, NIST SP 800-186) and room to compute in it.
struct Curve {
  Curve() : group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)), context(BN_CTX_new()) {
    require(group != nullptr && context != nullptr);
  }

  const BIGNUM* order() const { return EC_GROUP_get0_order(group.get()); }

  bool is_scalar(const BIGNUM* number) const {
    return !BN_is_zero(number) && BN_cmp(number, order()) < 0;
  }

  // scalar * G as X || Y.
  P256Point multiply_generator(const BIGNUM* scalar) const {
    const Point point(EC_POINT_new(group.get()));
    require(point != nullptr);
    require(EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, context.get()) == 1);
    std::array<uint8_t, 65> encoded{};
    require(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                               encoded.data(), encoded.size(), context.get()) == encoded.size());
    P256Point out{};
    std::copy(encoded.begin() + 1, encoded.end(), out.begin());
    return out;
  }

  Group group;
  Context context;
};

// The candidates for k that RFC 6979 (3.2) gives for a private key and a message's digest, one
// after the other. With SHA-256 and a 256-bit order, bits2int takes all 32 bytes.
class NonceGenerator {
 public:
  // `digest` is bits2octets(h1): the digest modulo the order.
  NonceGenerator(ByteView scalar, ByteView digest) {
    value_.fill(0x01);
    mix(0x00, {scalar, digest});
    mix(0x01, {scalar, digest});
  }

  ByteView next() {
    if (!first_) mix(0x00, {});
    first_ = false;
    value_ = hmac_sha256(key_, {value_});
    return value_;
  }

 private:
  // K = HMAC_K(V || separator || parts), V = HMAC_K(V): steps d to g, and h.3.
  void mix(uint8_t separator, std::initializer_list<ByteView> parts) {
    Bytes joined;
    for (const ByteView part : parts) joined.insert(joined.end(), part.begin(), part.end());
    const ByteArray<1> middle = {separator};
    key_ = hmac_sha256(key_, {value_, middle, joined});
    value_ = hmac_sha256(key_, {value_});
    wipe(joined);
  }

  bool first_ = true;
  Sha256Digest key_{};
  Sha256Digest value_{};
};

// One attempt at a signature (FIPS 186-5, 6.4.1) with the nonce `k`; nothing when r or s is zero.
std::optional<P256Signature> sign_with_nonce(const Curve& curve, const BIGNUM* scalar,
                                             const BIGNUM* digest, const BIGNUM* k) {
  const P256Point point = curve.multiply_generator(k);
  const Number x = read_number(ByteView(point).first(32));
  const Number r = new_number();
  require(BN_nnmod(r.get(), x.get(), curve.order(), curve.context.get()) == 1);
  if (BN_is_zero(r.get())) return std::nullopt;

  const Number s = new_number();
  const Number inverse(BN_mod_inverse(nullptr, k, curve.order(), curve.context.get()));
  require(inverse != nullptr);
  require(BN_mod_mul(s.get(), r.get(), scalar, curve.order(), curve.context.get()) == 1);
  require(BN_mod_add(s.get(), s.get(), digest, curve.order(), curve.context.get()) == 1);
  require(BN_mod_mul(s.get(), s.get(), inverse.get(), curve.order(), curve.context.get()) == 1);
  if (BN_is_zero(s.get())) return std::nullopt;

  P256Signature signature{};
  std::ranges::copy(to_octets(r.get()), signature.begin());
  std::ranges::copy(to_octets(s.get()), signature.begin() + 32);
  return signature;
}

}  // namespace

SigningKey SigningKey::derive(const Seed& seed, std::string_view label) {
  const std::string key_label = "key/" + std::string(label);
  for (uint32_t counter = 0;; ++counter) {
    Result<SigningKey> key = from_scalar(derive_block(seed, key_label, counter).view());
    if (key.ok()) return std::move(key).value();
  }
}

Result<SigningKey> SigningKey::from_scalar(ByteView scalar) {
  const Curve curve;
  const Number number = read_number(scalar);
  if (scalar.size() != 32 || !curve.is_scalar(number.get())) {
    return Error{ErrorCode::invalid_argument, "private key: not a scalar of P-256"};
  }
  SigningKey key;
  std::ranges::copy(scalar, key.scalar_.mutable_view().begin());
  key.public_key_ = curve.multiply_generator(number.get());
  return key;
}

P256Signature SigningKey::sign(ByteView message) const {
  const Curve curve;
  const Number scalar = read_number(scalar_.view());
  const Number digest = read_number(sha256(message));
  require(BN_nnmod(digest.get(), digest.get(), curve.order(), curve.context.get()) == 1);
  NonceGenerator nonces(scalar_.view(), to_octets(digest.get()));
  while (true) {
    const Number k = read_number(nonces.next());
    if (!curve.is_scalar(k.get())) continue;
    const auto signature = sign_with_nonce(curve, scalar.get(), digest.get(), k.get());
    if (signature) return *signature;
  }
}

}  // namespace quoin::simulator
