#include "src/td/boot_log.h"

#include "quoin/eventlog.h"
#include "src/base/try.h"
#include "src/os/io.h"

namespace quoin::td {
namespace {

constexpr size_t kMaxTableBytes = 4096;

}  // namespace

Result<Bytes> read_boot_log(const LinuxPaths& paths) {
  const Bytes table_bytes = TRY(read_file(paths.ccel_table, kMaxTableBytes));
  const CcelTable table = TRY(parse_ccel_table(table_bytes));
  Bytes area = TRY(read_file(paths.ccel_data, kMaxCcEventLogBytes));
  TRY(table.check_area(area));
  return area;
}

}  // namespace quoin::td
