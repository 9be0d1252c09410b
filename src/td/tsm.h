// Quotes by configfs-tsm, the kernel's interface (Documentation/ABI/testing/configfs-tsm-report).

#ifndef QUOIN_SRC_TD_TSM_H_
#define QUOIN_SRC_TD_TSM_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/td/detect.h"
#include "src/td/td.h"

namespace quoin::td {

// What reading an attribute gave: the bytes, or errno.
struct TsmRead {
  int error = 0;
  Bytes bytes = {};
};

// An entry below /sys/kernel/config/tsm/report: one request for a quote. The kernel's, or one of a
// test, which can fail where no file on a disk would.
class TsmEntry {
 public:
  virtual ~TsmEntry() = default;
  TsmEntry(const TsmEntry&) = delete;
  TsmEntry& operator=(const TsmEntry&) = delete;

  // The attribute from its beginning to its end; EFBIG over `max_bytes`.
  virtual TsmRead read(std::string_view attribute, size_t max_bytes) = 0;

  // Opens inblob, writes all of the bytes at once, and closes it. Returns 0, or errno. That it
  // returns 0 does not mean that the driver took them: that happens as the file is closed, and
  // Linux tells nobody how (configfs_release_bin_file). `generation` tells.
  virtual int write_inblob(ByteView bytes) = 0;

 protected:
  TsmEntry() = default;
};

// The protocol on a fresh entry: generation, inblob, generation, outblob, generation. The first
// must count up by one for our write and stay so, or else somebody else has used the entry. Returns
// the quote, checked as checked_quote() does. What is busy is asked again until the deadline; a
// read that the kernel lets wait (it gives up after 30 seconds) is not interrupted. Fails as
// quote_by_tsm() does.
Result<Bytes> quote_by_entry(TsmEntry& entry, const ByteArray<kReportDataBytes>& report_data,
                             Deadline deadline);

// A quote by an entry of its own in `directory`, which is removed whatever happens. One at a time:
// the driver has one buffer, so whoever of Quoin uses the directory locks it, and removes what
// somebody left who was killed. Fails with not_found (no configfs-tsm, or no provider in it),
// unsupported (another provider), permission, timed_out, io, refused (somebody else used the
// entry), and as checked_quote() does.
Result<Bytes> quote_by_tsm(const std::string& directory,
                           const ByteArray<kReportDataBytes>& report_data, Deadline deadline);

// Whose reports there are in `directory`: yes for tdx_guest. Makes an entry to ask, and removes it.
// Unknown where somebody waits for a quote until the deadline: the driver answers nobody then.
Probe tsm_provider(const std::string& directory, Deadline deadline);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_TSM_H_
