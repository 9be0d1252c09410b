// TDREPORT as the TDX module makes it (TDG.MR.REPORT), with a MAC under a key of the simulator.

#ifndef QUOIN_SRC_SIMULATOR_TD_REPORT_H_
#define QUOIN_SRC_SIMULATOR_TD_REPORT_H_

#include <cstddef>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/simulator/derive.h"

namespace quoin::simulator {

// What a TD is at one moment: its attributes and measurements.
using TdState = TdReportStruct::TdInfo;

// A TD that has just booted. MRTD and RTMR0 to RTMR2 are SHA-384 of the texts "quoin simulator:
// mrtd", "quoin simulator: rtmr0" and so on; RTMR3 is zero, as runtime events begin there. Of the
// attributes only SEPT_VE_DISABLE is set; everything else is zero, as in most real TDs.
TdState default_td_state();

// TDG.MR.RTMR.EXTEND: RTMR = SHA-384(RTMR || digest). Fails with invalid_argument when there is no
// RTMR `index` (0 to 3).
Result<void> extend_rtmr(TdState& state, size_t index, const ByteArray<48>& digest);

// The hashes and the MAC that go with the other fields of a report.
ByteArray<48> tee_tcb_info_hash(const TdReportStruct& report);
ByteArray<48> tee_info_hash(const TdReportStruct& report);
ByteArray<32> report_mac(const Seed& seed, const TdReportStruct& report);

// The report of a TD: version 1 when a service TD is bound, else 0.
TdReportStruct make_td_report(const Seed& seed, const ByteArray<16>& cpu_svn,
                              const TdReportStruct::TeeTcbInfo& tee_tcb_info, const TdState& state,
                              const ByteArray<64>& report_data);

// Whether a report was made by the platform of that seed and has not been changed: what the
// quoting enclave asks the processor (EVERIFYREPORT2) and checks itself. Fails with refused.
Result<void> check_td_report(const Seed& seed, const TdReportStruct& report);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_TD_REPORT_H_
