// The files of a TD that are there as long as it runs.

#ifndef QUOIN_SRC_SIMULATOR_MOUNT_GUEST_H_
#define QUOIN_SRC_SIMULATOR_MOUNT_GUEST_H_

#include <vector>

#include "src/simulator/faults.h"
#include "src/simulator/mount_file.h"
#include "src/simulator/simulated_td.h"
#include "src/simulator/software_td.h"

namespace quoin::simulator {

// /dev/tdx_guest: TDX_CMD_GET_REPORT0 (Linux, include/uapi/linux/tdx-guest.h), and ENOTTY for the
// rest. `td` and `faults` must outlive what is returned, here and below.
std::vector<FileEntry> device_files(SimulatedTd& td, Faults& faults);

// The measurement registers (Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest): 48
// bytes each. Writing 48 bytes at offset 0 extends an RTMR; fewer, or elsewhere, is EINVAL. sysfs
// cuts off what would go over the end, so that of more bytes 48 are taken.
std::vector<FileEntry> measurement_files(SimulatedTd& td, Faults& faults);

// What the kernel says of itself, as far as it is looked at: the boot id, and a processor with the
// flag of a TDX guest.
std::vector<FileEntry> kernel_files(SimulatedTd& td);

// What firmware left: the ACPI table CCEL with the log that it leads to, where there is one, and
// the variables of UEFI. What `faults` say goes wrong when a file is opened.
std::vector<FileEntry> firmware_files(const SoftwareTd& td, Faults& faults);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MOUNT_GUEST_H_
