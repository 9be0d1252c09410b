// OpenSSL's failures: as our errors, and out of its queue.

#ifndef QUOIN_SRC_CRYPTO_OPENSSL_ERROR_H_
#define QUOIN_SRC_CRYPTO_OPENSSL_ERROR_H_

#include <openssl/err.h>

#include <string>
#include <utility>

#include "quoin/result.h"

namespace quoin {

inline Error crypto_failed(std::string what) {
  return {ErrorCode::crypto, "OpenSSL: " + std::move(what)};
}

// Takes away what OpenSSL adds to this thread's error queue while it lives: a wrong signature or
// tag must not look like a failure of the TLS connection that is served next.
class ErrorMark {
 public:
  ErrorMark() { ERR_set_mark(); }
  ~ErrorMark() { ERR_pop_to_mark(); }
  ErrorMark(const ErrorMark&) = delete;
  ErrorMark& operator=(const ErrorMark&) = delete;
};

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_OPENSSL_ERROR_H_
