// The event log that firmware left.

#ifndef QUOIN_SRC_TD_BOOT_LOG_H_
#define QUOIN_SRC_TD_BOOT_LOG_H_

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/td/linux_paths.h"

namespace quoin::td {

// The log area (CCEL) as the kernel shows it, for CcEventLog::parse(): as long as its ACPI table
// says, and the table is a TDX one. Fails as read_file() (not_found: there is no log),
// parse_ccel_table() and CcelTable::check_area() do.
Result<Bytes> read_boot_log(const LinuxPaths& paths);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_BOOT_LOG_H_
