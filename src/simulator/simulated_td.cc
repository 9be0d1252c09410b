#include "src/simulator/simulated_td.h"

#include <utility>

#include "src/base/try.h"
#include "src/quote/codec.h"
#include "src/simulator/td_report.h"

namespace quoin::simulator {
namespace {

Error no_such_rtmr(unsigned index) {
  return {ErrorCode::invalid_argument, "RTMR" + std::to_string(index) + ": wanted RTMR0 to RTMR3"};
}

}  // namespace

// The time is that of the collateral, which nobody asks a TD for.
SimulatedTd::SimulatedTd(Seed seed, TdStore store, std::string name)
    : platform_(std::move(seed), UtcTime{}), store_(std::move(store)), name_(std::move(name)) {}

Result<Bytes> SimulatedTd::report(const ByteArray<td::kReportDataBytes>& report_data) {
  const SoftwareTd td = TRY(load());
  const PlatformSettings& settings = platform_.settings();
  return serialise(make_td_report(platform_.seed(), settings.cpu_svn,
                                  tee_tcb_info_of(td, settings.tee_tcb_info), td.state,
                                  report_data));
}

Result<Bytes> SimulatedTd::quote(const ByteArray<td::kReportDataBytes>& report_data) {
  return quote_report(TRY(report(report_data)));
}

Result<Bytes> SimulatedTd::quote_report(ByteView td_report) {
  if (td_report.size() != td::kTdReportBytes) {
    return Error{ErrorCode::invalid_argument, "TDREPORT: " + std::to_string(td_report.size()) +
                                                  " bytes, wanted " +
                                                  std::to_string(td::kTdReportBytes)};
  }
  return platform_.quote(td_report);
}

Result<ByteArray<td::kRtmrBytes>> SimulatedTd::read_rtmr(unsigned index) {
  const SoftwareTd td = TRY(load());
  switch (index) {
    case 0:
      return td.state.rtmr0;
    case 1:
      return td.state.rtmr1;
    case 2:
      return td.state.rtmr2;
    case 3:
      return td.state.rtmr3;
    default:
      return no_such_rtmr(index);
  }
}

Result<void> SimulatedTd::extend_rtmr(unsigned index, const ByteArray<td::kRtmrBytes>& digest) {
  if (index >= td::kRtmrCount) return no_such_rtmr(index);
  if (index < td::kFirstExtendableRtmr) {
    return Error{ErrorCode::refused,
                 "RTMR" + std::to_string(index) + " is not for programs to extend",
                 "what firmware measured could no longer be replayed; RTMR3 is yours"};
  }
  return extend_any_rtmr(index, digest);
}

Result<void> SimulatedTd::extend_any_rtmr(unsigned index, const ByteArray<td::kRtmrBytes>& digest) {
  // Made when it is the default TD and not there.
  TRY(load());
  TRY(store_.change(
      name_, [&](SoftwareTd& td) { return simulator::extend_rtmr(td.state, index, digest); }));
  return {};
}

Result<std::string> SimulatedTd::boot_id() { return TRY(load()).boot_id; }

}  // namespace quoin::simulator
