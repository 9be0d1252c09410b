// Looks at a TD: the half of `quoin doctor` that touches the machine.

#ifndef QUOIN_SRC_DOCTOR_LOOK_H_
#define QUOIN_SRC_DOCTOR_LOOK_H_

#include <chrono>
#include <optional>
#include <string>

#include "src/doctor/observations.h"
#include "src/td/linux_paths.h"
#include "src/td/td.h"

namespace quoin::doctor {

struct TdQuestion {
  td::LinuxPaths paths = {};
  // Asked besides the kernel. None: the host's, on the vsock port that paths.attest_conf names.
  std::optional<td::QgsAddress> qgs = {};
  std::chrono::milliseconds report_timeout = std::chrono::seconds(5);
  // Of each way to a quote.
  std::chrono::milliseconds quote_timeout = std::chrono::seconds(40);
};

// Asks for a report, a quote by each way that there is, the registers, the event log and Secure
// Boot's variable. Changes nothing: no register is extended.
TdObservations look_at_td(const TdQuestion& question);

// The same of a simulated TD, which has no files.
TdObservations look_at_simulated_td(td::Td& td, const std::string& name);

// This kernel's. `memfd_noexec` is the file of that setting.
SandboxSupport look_at_sandbox(const std::string& memfd_noexec = "/proc/sys/vm/memfd_noexec");

}  // namespace quoin::doctor

#endif  // QUOIN_SRC_DOCTOR_LOOK_H_
