// What a TD's firmware says and measured of how it booted.

#ifndef QUOIN_SRC_CAPI_BOOT_H_
#define QUOIN_SRC_CAPI_BOOT_H_

#include "quoin/bytes.h"
#include "quoin/eventlog.h"
#include "quoin/result.h"
#include "src/td/detect.h"
#include "src/td/linux_paths.h"

namespace quoin::capi {

// The firmware's log (CCEL), as the kernel shows it. Fails as td::read_boot_log() and
// CcEventLog::parse() do.
Result<CcEventLog> read_boot_log(const td::LinuxPaths& paths);

// Three answers, since none of them stands for another.
struct SecureBootState {
  td::Answer variable = td::Answer::unknown;     // what the firmware's variable says now
  td::Answer logged = td::Answer::unknown;       // what the log says was measured
  td::Answer log_replays = td::Answer::unknown;  // whether the log's RTMR0 is `rtmr0`
};

// `rtmr0` is null where nobody knows it, and `log` where there is none.
SecureBootState secure_boot_state(const std::string& efivars, const CcEventLog* log,
                                  const ByteArray<48>* rtmr0);

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_BOOT_H_
