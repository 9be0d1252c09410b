#include "src/channel/tls_error.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>

namespace quoin::channel {
namespace {

unsigned long of_tls(int reason) { return ERR_PACK(ERR_LIB_SSL, 0, reason); }
unsigned long of_system(int error_number) {
  return (static_cast<unsigned long>(ERR_SYSTEM_FLAG)) | static_cast<unsigned long>(error_number);
}

TEST(TlsError, TellsWhoRefusesWhomAndWhatWasCut) {
  const struct {
    const char* what;
    TlsFailure failure;
    ErrorCode code;
    bool refuses_us;
  } cases[] = {
      {"an alert",
       {SSL_ERROR_SSL, of_tls(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE)},
       ErrorCode::refused,
       true},
      {"the first alert there could be",
       {SSL_ERROR_SSL, of_tls(SSL_AD_REASON_OFFSET)},
       ErrorCode::refused,
       true},
      {"the last", {SSL_ERROR_SSL, of_tls(SSL_AD_REASON_OFFSET + 255)}, ErrorCode::refused, true},
      {"more than an alert can be",
       {SSL_ERROR_SSL, of_tls(SSL_AD_REASON_OFFSET + 256)},
       ErrorCode::refused,
       false},
      {"a version of ours alone",
       {SSL_ERROR_SSL, of_tls(SSL_R_UNSUPPORTED_PROTOCOL)},
       ErrorCode::refused,
       false},
      // A certificate that does not parse.
      {"of all OpenSSL", {SSL_ERROR_SSL, of_tls(ERR_R_ASN1_LIB)}, ErrorCode::refused, false},
      {"a bug", {SSL_ERROR_SSL, of_tls(ERR_R_INTERNAL_ERROR)}, ErrorCode::refused, false},
      {"of another library",
       {SSL_ERROR_SSL, ERR_PACK(ERR_LIB_EVP, 0, SSL_AD_REASON_OFFSET + 40)},
       ErrorCode::refused,
       false},
      {"cut",
       {SSL_ERROR_SSL, of_tls(SSL_R_UNEXPECTED_EOF_WHILE_READING)},
       ErrorCode::truncated,
       false},
      {"cut while we spoke", {SSL_ERROR_SSL, of_system(EPIPE)}, ErrorCode::truncated, false},
      {"cut without a word", {SSL_ERROR_SYSCALL, 0, 0}, ErrorCode::truncated, false},
      {"another error of the system", {SSL_ERROR_SYSCALL, 0, ECONNRESET}, ErrorCode::io, false},
  };
  for (const auto& test : cases) {
    const Error error = tls_error(test.failure, "handshake");
    EXPECT_EQ(error.code, test.code) << test.what << ": " << error.what;
    EXPECT_EQ(is_alert_of_peer(test.failure), test.refuses_us) << test.what;
  }
}

}  // namespace
}  // namespace quoin::channel
