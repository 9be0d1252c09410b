// OpenSSL's queue of errors, kept clean.

#ifndef QUOIN_SRC_CRYPTO_ERROR_MARK_H_
#define QUOIN_SRC_CRYPTO_ERROR_MARK_H_

#include <openssl/err.h>

namespace quoin {

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

#endif  // QUOIN_SRC_CRYPTO_ERROR_MARK_H_
