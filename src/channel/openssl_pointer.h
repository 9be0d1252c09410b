// OpenSSL's objects, freed by their owners.

#ifndef QUOIN_SRC_CHANNEL_OPENSSL_POINTER_H_
#define QUOIN_SRC_CHANNEL_OPENSSL_POINTER_H_

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <utility>

#include "quoin/result.h"

namespace quoin::channel {

struct FreeOpenSsl {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

template <typename T>
using OpenSslPointer = std::unique_ptr<T, FreeOpenSsl>;

// Takes away what OpenSSL adds to this thread's error queue while it lives: what failed here must
// not look like a failure of what somebody else does next.
class ErrorMark {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

inline Error crypto_failed(std::string what) {
  return {ErrorCode::crypto, "OpenSSL: " + std::move(what)};
}

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_OPENSSL_POINTER_H_
