// What this machine's firmware variables say of Secure Boot: the local answer. It is as good as
// who serves the variables: in a TD the firmware, whose store the host may have filled. The answer
// that others can check is in the event log (secure_boot_from_log(), include/quoin/eventlog.h).

#ifndef QUOIN_SRC_TD_SECURE_BOOT_H_
#define QUOIN_SRC_TD_SECURE_BOOT_H_

#include <string>

#include "src/td/detect.h"
#include "src/td/linux_paths.h"

namespace quoin::td {

// Whether Secure Boot checks what is booted: yes only where SecureBoot is 1 and SetupMode 0, no
// only where the firmware says so (SecureBoot 0, or SetupMode 1 with it). Unknown is not "off":
// variables that are not there, of another size or value than UEFI gives them (2.10, 3.3: one byte,
// 0 or 1), with attributes other than the firmware's own (volatile, for boot and run time; one that
// is stored can have been written by anybody), or that contradict each other.
//
// Reads the files of efivarfs below `efivars`, and changes nothing. Thread-safe.
Probe local_secure_boot(const std::string& efivars = LinuxPaths().efivars);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_SECURE_BOOT_H_
