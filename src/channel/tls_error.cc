#include "src/channel/tls_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <string>

#include "src/channel/socket.h"

namespace quoin::channel {
namespace {

bool is_cut(const TlsFailure& failure) {
  const unsigned long code = failure.earliest;
  // OpenSSL 3.5 has tried to tell a peer that is gone, and keeps what the system said of that.
  const bool told_nobody =
      failure.kind == SSL_ERROR_SSL && ERR_SYSTEM_ERROR(code) && ERR_GET_REASON(code) == EPIPE;
  const bool ended_early = ERR_GET_LIB(code) == ERR_LIB_SSL &&
                           ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  const bool ended = failure.kind == SSL_ERROR_SYSCALL && failure.error_number == 0;
  return told_nobody || ended_early || ended;
}

}  // namespace

Error tls_error(const TlsFailure& failure, const char* doing) {
  if (is_cut(failure)) return {ErrorCode::truncated, "the connection was cut"};
  if (failure.kind == SSL_ERROR_SYSCALL) return system_error(doing, failure.error_number);
  const char* const reason = ERR_reason_error_string(failure.earliest);
  return {ErrorCode::refused,
          std::string("TLS: ") + doing + ": " + (reason == nullptr ? "it failed" : reason)};
}

bool is_alert_of_peer(const TlsFailure& failure) {
  // Its reasons are 1000 and the number of the alert, which is one byte. Those that all of OpenSSL
  // has in common (a certificate that does not parse) are greater.
  const int reason = ERR_GET_REASON(failure.earliest);
  return ERR_GET_LIB(failure.earliest) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET &&
         reason < SSL_AD_REASON_OFFSET + 256;
}

}  // namespace quoin::channel
