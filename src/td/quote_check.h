// Is what somebody handed us the quote that we asked for? Its signatures are not looked at: who
// relies on the quote does that.

#ifndef QUOIN_SRC_TD_QUOTE_CHECK_H_
#define QUOIN_SRC_TD_QUOTE_CHECK_H_

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/td/td.h"

namespace quoin::td {

// The most that a quote may take, padding included: what parse_quote() reads.
inline constexpr size_t kMaxQuoteBytes = size_t{1} << 20;

// The quote alone, without the padding that some hosts leave behind it. Fails with truncated when
// there is nothing, with unsupported when it is a quote of DICE (CBOR: newer TDX modules can make
// such), with refused when it is not of a TD or says other report data, and as parse_quote() does.
Result<Bytes> checked_quote(ByteView bytes, const ByteArray<kReportDataBytes>& report_data);

// The same for a quote of that TDREPORT: everything that its body says must be what the report
// says, as Intel's quoting enclave would quote it. A body of 1.0 is of a report without
// SERVTD_HASH, whose TEE_TCB_SVN2 is its TEE_TCB_SVN. What body type 4 has from elsewhere (device
// information, the first and current service TD's policies) is not compared. Fails likewise, and as
// parse_td_report() does.
Result<Bytes> checked_quote_of_report(ByteView bytes, ByteView td_report);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_QUOTE_CHECK_H_
