#include "src/crypto/sha2.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "src/crypto/openssl_pointer.h"

namespace quoin {
namespace {

void require(int openssl_result) {
  if (openssl_result != 1) std::abort();
}

using Context = OpenSslPointer<EVP_MD_CTX, EVP_MD_CTX_free>;

// Fetched once and never freed: EVP_sha256() would be looked up by name for every digest, under a
// lock.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (algorithm == nullptr) std::abort();
  return algorithm;
}

Context new_context(const EVP_MD* algorithm) {
  Context context(EVP_MD_CTX_new());
  if (!context) std::abort();
  require(EVP_DigestInit_ex(context.get(), algorithm, nullptr));
  return context;
}

template <size_t N>
ByteArray<N> digest(const EVP_MD* algorithm, std::initializer_list<ByteView> parts) {
  const Context context = new_context(algorithm);
  for (const ByteView part : parts) {
    require(EVP_DigestUpdate(context.get(), part.data(), part.size()));
  }
  ByteArray<N> out{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(context.get(), out.data(), &size));
  if (size != N) std::abort();
  return out;
}

}  // namespace

Sha256Digest sha256(std::initializer_list<ByteView> parts) {
  return digest<32>(sha256_algorithm(), parts);
}

Sha384Digest sha384(std::initializer_list<ByteView> parts) {
  return digest<48>(EVP_sha384(), parts);
}

Sha512Digest sha512(std::initializer_list<ByteView> parts) {
  return digest<64>(EVP_sha512(), parts);
}

struct Sha256::State {
  Context context;
};

Sha256::Sha256() : state_(std::make_unique<State>(new_context(sha256_algorithm()))) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
  Sha256Digest out{};
  unsigned size = 0;
  require(EVP_DigestFinal_ex(state_->context.get(), out.data(), &size));
  if (size != out.size()) std::abort();
  require(EVP_DigestInit_ex(state_->context.get(), sha256_algorithm(), nullptr));
  return out;
}

}  // namespace quoin
