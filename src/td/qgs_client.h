// Quotes by a quote generation service.

#ifndef QUOIN_SRC_TD_QGS_CLIENT_H_
#define QUOIN_SRC_TD_QGS_CLIENT_H_

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/td/qgs_address.h"

namespace quoin::td {

// Whether somebody takes a connection there, which is ended at once. Fails with not_found (nobody
// listens), permission, timed_out, or io.
Result<void> connect_to_qgs(const QgsAddress& address, Deadline deadline);

// A quote of that TDREPORT, checked as checked_quote_of_report() does. One connection a quote, as
// the service has it; each step ends at the deadline. The service is the host's: nothing that it
// says is trusted. Fails with not_found (nobody listens), permission, timed_out, io (the service's
// own error in words, or a connection that ended), as parse_quote_response() does, and as
// checked_quote_of_report() does.
Result<Bytes> quote_by_qgs(const QgsAddress& address, ByteView td_report, Deadline deadline);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QGS_CLIENT_H_
