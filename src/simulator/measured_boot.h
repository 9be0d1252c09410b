// How a TD boots: the events that firmware, boot loader and kernel measure, and the registers that
// they give.

#ifndef QUOIN_SRC_SIMULATOR_MEASURED_BOOT_H_
#define QUOIN_SRC_SIMULATOR_MEASURED_BOOT_H_

#include "quoin/result.h"
#include "src/simulator/software_td.h"

namespace quoin::simulator {

// Makes RTMR0 to RTMR2, now and after a reboot, what the TD's event log replays to. Fails as
// CcEventLog::parse() does.
Result<void> replay_ccel(SoftwareTd& td);

// Gives the TD the event log of a boot with the variables that it has (those of secure boot, which
// firmware measures into RTMR0 whether they are there or not), a boot loader (RTMR1) and a command
// line (RTMR2), and its registers accordingly.
Result<void> boot_measured(SoftwareTd& td);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MEASURED_BOOT_H_
