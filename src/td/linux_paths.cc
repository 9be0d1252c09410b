#include "src/td/linux_paths.h"

namespace quoin::td {

LinuxPaths LinuxPaths::under(const std::string& directory) {
  LinuxPaths paths;
  for (std::string* path :
       {&paths.guest_device, &paths.tsm_report, &paths.measurements, &paths.ccel_table,
        &paths.ccel_data, &paths.efivars, &paths.boot_id, &paths.cpuinfo, &paths.attest_conf}) {
    path->insert(0, directory);
  }
  return paths;
}

}  // namespace quoin::td
