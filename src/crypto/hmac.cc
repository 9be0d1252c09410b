#include "src/crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdlib>

#include "src/crypto/openssl_pointer.h"

namespace quoin {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Freeing one wipes what was made of the key.
using Context = OpenSslPointer<EVP_MAC_CTX, EVP_MAC_CTX_free>;

// Fetched once and never freed: a lookup by name takes a lock.
EVP_MAC* algorithm() {
  static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  require(fetched != nullptr);
  return fetched;
}

template <size_t N>
Secret<N> hmac(std::array<char, 7> hash, ByteView key, std::initializer_list<ByteView> parts) {
  const Context context(EVP_MAC_CTX_new(algorithm()));
  require(context != nullptr);
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, hash.data(), 0),
      OSSL_PARAM_construct_end()};
  // OpenSSL takes a null pointer for "the key as before", not for an empty one.
  const uint8_t nothing = 0;
  const uint8_t* const begin = key.empty() ? &nothing : key.data();
  require(EVP_MAC_init(context.get(), begin, key.size(), parameters.data()) == 1);
  for (const ByteView part : parts) {
    require(EVP_MAC_update(context.get(), part.data(), part.size()) == 1);
  }
  Secret<N> code;
  size_t size = 0;
  require(EVP_MAC_final(context.get(), code.mutable_view().data(), &size, N) == 1 && size == N);
  return code;
}

}  // namespace

Secret<32> hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  return hmac<32>({"SHA256"}, key, parts);
}

Secret<48> hmac_sha384(ByteView key, std::initializer_list<ByteView> parts) {
  return hmac<48>({"SHA384"}, key, parts);
}

}  // namespace quoin
