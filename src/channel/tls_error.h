// What OpenSSL says of a connection that has failed.

#ifndef QUOIN_SRC_CHANNEL_TLS_ERROR_H_
#define QUOIN_SRC_CHANNEL_TLS_ERROR_H_

#include "quoin/result.h"

namespace quoin::channel {

struct TlsFailure {
  int kind = 0;  // SSL_get_error(3)
  // The earliest of OpenSSL's errors (ERR_peek_error(3)), 0 where there is none: those behind it
  // are of what came of that, as of telling a peer that was gone by then.
  unsigned long earliest = 0;
  int error_number = 0;  // errno
};

// Truncated where the connection was cut, what the system says where that failed, and else refused:
// the peer does not speak as it should, or says that it refuses us. `doing` begins the message.
Error tls_error(const TlsFailure& failure, const char* doing);

// Whether it was an alert that has come, which is to say that the peer refuses us, and not the
// other way round.
bool is_alert_of_peer(const TlsFailure& failure);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_TLS_ERROR_H_
