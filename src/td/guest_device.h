// TDREPORTs by the kernel's driver for TDs, /dev/tdx_guest.

#ifndef QUOIN_SRC_TD_GUEST_DEVICE_H_
#define QUOIN_SRC_TD_GUEST_DEVICE_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/td/td.h"

namespace quoin::td {

// struct tdx_report_req of linux/tdx-guest.h: the report data, and behind it the report.
inline constexpr size_t kReportRequestBytes = kReportDataBytes + kTdReportBytes;

// TDX_CMD_GET_REPORT0 = _IOWR('T', 1, struct tdx_report_req).
inline constexpr unsigned long kGetReport0 = 0xc4405401;

// Asks the driver once: fills in the report. Returns 0, or errno.
using GetReport0 = std::function<int(std::span<uint8_t, kReportRequestBytes>)>;

// What the driver behind `path` answers to TDX_CMD_GET_REPORT0. The device is opened each time, so
// that it may come later, or go.
GetReport0 get_report0_of(const std::string& path);

// A TDREPORT with that report data, kTdReportBytes long. While the TDX module is busy, or a signal
// comes, asks again until the deadline. Fails with not_found or permission (the device),
// unsupported (a device of another kind), timed_out, io, and with refused when what came back is no
// TDREPORT with that report data. `device` names the device in errors.
Result<Bytes> report_by(const GetReport0& get_report0, std::string_view device,
                        const ByteArray<kReportDataBytes>& report_data, Deadline deadline);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_GUEST_DEVICE_H_
