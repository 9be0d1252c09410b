// The TD's measurement registers as files of sysfs (since Linux 6.16,
// Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest).

#ifndef QUOIN_SRC_TD_MEASUREMENTS_H_
#define QUOIN_SRC_TD_MEASUREMENTS_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/td/td.h"

namespace quoin::td {

// RTMR `index`, below kRtmrCount. Fails with not_found where the kernel is older, permission, io,
// or malformed (not kRtmrBytes).
Result<ByteArray<kRtmrBytes>> read_rtmr_file(const std::string& directory, unsigned index);

// Extends it: one write of exactly kRtmrBytes at offset 0. While the TDX module is busy, which
// means that it has done nothing, asks again until the deadline. Fails with unsupported where the
// kernel is older, permission, timed_out, or io.
Result<void> extend_rtmr_file(const std::string& directory, unsigned index,
                              const ByteArray<kRtmrBytes>& digest, Deadline deadline);

// RTMR `index` of a TDREPORT. Fails as parse_td_report() does.
Result<ByteArray<kRtmrBytes>> rtmr_of_report(ByteView td_report, unsigned index);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_MEASUREMENTS_H_
