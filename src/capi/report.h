// TDREPORTs: what can be seen of one, and the quote of one.

#ifndef QUOIN_SRC_CAPI_REPORT_H_
#define QUOIN_SRC_CAPI_REPORT_H_

#include <cstddef>
#include <string>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/capi/session.h"
#include "src/td/guest.h"
#include "src/td/td.h"

namespace quoin::capi {

// REPORTMACSTRUCT, the front of a TDREPORT, which has the digests of all behind it.
inline constexpr size_t kReportMacBytes = 256;

// The report data of a TDREPORT, of which at least the first kReportMacBytes are given.
ByteArray<td::kReportDataBytes> report_data_of(ByteView front);

// Of the TD that runs now, and of reports of any.
using td::check_report_hashes;
using td::prove_guest;

// Whether the two hashes of `report` are those of what stands in it, and whether subtype, version
// and every reserved byte are as the TDX module leaves them (Intel TDX Module ABI specification,
// "TDREPORT_STRUCT"). Any report data. The MAC is not looked at. Fails with refused, and as
// parse_td_report() does.
Result<void> check_report_structure(ByteView report);

// Whether something of a TD is there and does not answer as one, rather than nothing, where
// prove_guest() fails so with a TD of that session.
bool is_something(const Session& session, const Error& error);

// A quote that says of the TD what the report says of which that is the front: has the TD make the
// report again, and quotes it. Fails with refused where it comes out different, which says that the
// TD has changed since or did not make it, and as Td does.
Result<Bytes> quote_of_front(td::Td& td, const ByteArray<kReportMacBytes>& front);

// Evidence as channel::td_evidence() has it, for a connection. Every
// failure is refused: it is this TD's, and says nothing of who is at the other end.
Result<TdEvidence> own_evidence(td::Td& td, const std::string& runtime_log,
                                const ByteArray<td::kReportDataBytes>& report_data,
                                Deadline deadline);

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_REPORT_H_
