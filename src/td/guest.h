// Whether this program runs in a TD, as far as it can tell by itself.

#ifndef QUOIN_SRC_TD_GUEST_H_
#define QUOIN_SRC_TD_GUEST_H_

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/td/detect.h"
#include "src/td/linux_paths.h"
#include "src/td/td.h"

namespace quoin::td {

// The TDREPORT that those bytes are, whose two hashes are those of what stands in it. Fails with
// refused, and as parse_td_report() does.
Result<TdReportStruct> report_with_right_hashes(ByteView bytes);

// Whether `report` is such a TDREPORT and carries that report data. Fails likewise.
Result<void> check_report_hashes(ByteView report, const ByteArray<kReportDataBytes>& expected);

// A TDREPORT of the TD that runs now, which has just been asked for it with fresh report data.
// Fails with not_found where there is no TD, and as Td::report() and check_report_hashes() do.
Result<TdReportStruct> prove_guest(Td& td);

// Whether something of a TD is there and does not answer as one, rather than nothing, where
// prove_guest() fails so. `machine` is where the kernel shows the TD; null where that is another
// one than this processor would run, of which the processor says nothing.
bool is_something(const Error& error, const LinuxPaths* machine);

struct Guest {
  // Yes: prove_guest() holds. No: nothing of a TD is there. Unknown: something is.
  Answer answer = Answer::unknown;
  // Why it is not yes.
  Error error = {};
};

// prove_guest(), and where it fails is_something(): what a host puts before a TD that cannot be
// asked does not make a host of it.
Guest ask_guest(Td& td, const LinuxPaths* machine);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_GUEST_H_
