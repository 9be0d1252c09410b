// Where the kernel shows a TD.

#ifndef QUOIN_SRC_TD_LINUX_PATHS_H_
#define QUOIN_SRC_TD_LINUX_PATHS_H_

#include <string>

namespace quoin::td {

// Files and directories of Linux; the defaults are the kernel's own. Tests, containers with bind
// mounts and the simulator's file system have other ones.
struct LinuxPaths {
  // The driver's character device (drivers/virt/coco/tdx-guest).
  std::string guest_device = "/dev/tdx_guest";
  // configfs-tsm: each directory made in it is a request for a report (since Linux 6.7).
  std::string tsm_report = "/sys/kernel/config/tsm/report";
  // Measurement registers as files (since Linux 6.16).
  std::string measurements = "/sys/devices/virtual/misc/tdx_guest/measurements";
  // The ACPI table that says where firmware's event log is, and the log.
  std::string ccel_table = "/sys/firmware/acpi/tables/CCEL";
  std::string ccel_data = "/sys/firmware/acpi/tables/data/CCEL";
  std::string efivars = "/sys/firmware/efi/efivars";
  // A UUID of this boot.
  std::string boot_id = "/proc/sys/kernel/random/boot_id";
  std::string cpuinfo = "/proc/cpuinfo";
  // Intel's configuration: on which port the host's quote generation service listens.
  std::string attest_conf = "/etc/tdx-attest.conf";

  // The same tree below `directory`, all of it: what is not there is missing, since a tree is
  // another TD, with boots of its own. So one that shows RTMRs has proc/sys/kernel/random/boot_id
  // too, if runtime events are to be logged.
  static LinuxPaths under(const std::string& directory);
};

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_LINUX_PATHS_H_
