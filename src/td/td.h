// The TD that we run in: what it can be asked. LinuxTd (src/td/linux_td.h) asks the kernel; the
// simulator has a TD in software behind the same interface.

#ifndef QUOIN_SRC_TD_TD_H_
#define QUOIN_SRC_TD_TD_H_

#include <cstddef>
#include <string>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::td {

// Sizes of Intel's structures (Intel TDX Module ABI specification).
inline constexpr size_t kReportDataBytes = 64;
inline constexpr size_t kTdReportBytes = 1024;
inline constexpr size_t kRtmrBytes = 48;
inline constexpr unsigned kRtmrCount = 4;
// RTMR0 and RTMR1 are firmware's and the boot loader's, RTMR2 the operating system's, RTMR3 ours.
inline constexpr unsigned kFirstExtendableRtmr = 2;
inline constexpr unsigned kRuntimeRtmr = 3;

// A trust domain. What it answers is not proof of anything to the program that asks it: only a
// quote that somebody else has verified is.
//
// Every function may be called from several threads at once. A call that fails has changed nothing,
// except where it says otherwise.
class Td {
 public:
  virtual ~Td() = default;
  Td(const Td&) = delete;
  Td& operator=(const Td&) = delete;

  // A TDREPORT of this TD as it is now, kTdReportBytes long, which parse_td_report() reads and
  // which carries exactly that report data. Good on this machine only, for local attestation and
  // for quote_report(). Fails with not_found or permission (the device), timed_out (busy for too
  // long), io, or refused (what came back is not what was asked for).
  virtual Result<Bytes> report(const ByteArray<kReportDataBytes>& report_data) = 0;

  // A quote of this TD as it is now: never empty, read by parse_quote(), of a TD, and with exactly
  // that report data; bytes behind it are taken away. Its signatures have not been looked at. Fails
  // with timed_out, unsupported (no way to get quotes here, or a kind of quote that we do not
  // read), refused (what came back says other report data, or is of no TD), malformed, truncated or
  // too_large (what came back), not_found, permission, or io. The error names each way that was
  // tried, and why it did not work.
  virtual Result<Bytes> quote(const ByteArray<kReportDataBytes>& report_data) = 0;

  // A quote of that very TDREPORT of this TD, kTdReportBytes long, made a while ago maybe: all that
  // the quote's body says of the TD is what the report says. A quoting service quotes it as it is,
  // the kernel only while the TD would make the same again. Fails with invalid_argument when it is
  // no TDREPORT, with refused where the TD has changed since (an RTMR was extended) or did not make
  // it, and as quote() does.
  virtual Result<Bytes> quote_report(ByteView td_report) = 0;

  // RTMR `index`, 0 to 3. Fails with invalid_argument (no such register), not_found, permission,
  // timed_out, or io.
  virtual Result<ByteArray<kRtmrBytes>> read_rtmr(unsigned index) = 0;

  // TDG.MR.RTMR.EXTEND: RTMR = SHA-384(RTMR || digest). Not idempotent, and for as long as the TD
  // runs: callers that may be restarted go through RuntimeLog (src/td/runtime_log.h). Fails with
  // invalid_argument (no such register), refused (below kFirstExtendableRtmr: what firmware
  // measured could no longer be replayed), unsupported (a kernel without it), permission, timed_out
  // (busy for too long), or io. After io, whether the register has been extended is for read_rtmr()
  // to say.
  virtual Result<void> extend_rtmr(unsigned index, const ByteArray<kRtmrBytes>& digest) = 0;

  // A name of the time since the RTMRs were last reset, 1 to 64 letters, digits and "-": another
  // one after each boot. The host chooses nothing in it that matters: the register itself says
  // what was measured. Fails with not_found, permission, malformed, or io.
  virtual Result<std::string> boot_id() = 0;

  // Whether this TD is a simulation, which proves nothing to anybody.
  virtual bool simulated() const = 0;

 protected:
  Td() = default;
};

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_TD_H_
