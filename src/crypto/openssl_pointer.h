// OpenSSL's objects, freed by their owners.

#ifndef QUOIN_SRC_CRYPTO_OPENSSL_POINTER_H_
#define QUOIN_SRC_CRYPTO_OPENSSL_POINTER_H_

#include <memory>

namespace quoin {

template <auto kFree>
struct FreeOpenSsl {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

// Of an object that `kFree`, the function that OpenSSL has for its kind, frees:
// OpenSslPointer<BIGNUM, BN_free>.
template <typename T, auto kFree>
using OpenSslPointer = std::unique_ptr<T, FreeOpenSsl<kFree>>;

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_OPENSSL_POINTER_H_
