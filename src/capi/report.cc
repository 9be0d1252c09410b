#include "src/capi/report.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/channel/td_evidence.h"

namespace quoin::capi {
namespace {

constexpr size_t kReportDataOffset = 128;

Error refused(std::string what) { return {ErrorCode::refused, std::move(what)}; }

}  // namespace

ByteArray<td::kReportDataBytes> report_data_of(ByteView front) {
  ByteArray<td::kReportDataBytes> report_data{};
  std::ranges::copy(front.subspan(kReportDataOffset, td::kReportDataBytes), report_data.begin());
  return report_data;
}

Result<void> check_report_structure(ByteView report) {
  const TdReportStruct read = TRY(td::report_with_right_hashes(report));
  const TdReportStruct::ReportMacStruct& front = read.report_mac_struct;
  if (front.subtype != 0) return refused("the TDREPORT's subtype is not 0");
  if (front.version > 1) return refused("the TDREPORT's version is neither 0 nor 1");
  if (front.version == 0 && !all_zero(read.td_info.servtd_hash)) {
    return refused("the TDREPORT has a SERVTD_HASH, and its version says that it has none");
  }
  for (const ByteView reserved :
       {ByteView(front.reserved1), ByteView(front.reserved2), ByteView(read.tee_tcb_info.reserved),
        ByteView(read.reserved), ByteView(read.td_info.reserved)}) {
    if (!all_zero(reserved)) return refused("a reserved field of the TDREPORT is not zero");
  }
  return {};
}

bool is_something(const Session& session, const Error& error) {
  const td::LinuxPaths paths = session.paths();
  return td::is_something(error, session.td_is_kernels() ? &paths : nullptr);
}

Result<Bytes> quote_of_front(td::Td& td, const ByteArray<kReportMacBytes>& front) {
  const Bytes again = TRY(td.report(report_data_of(front)));
  if (!equal(ByteView(again).first(front.size()), front)) {
    return refused(
        "the TD makes another report now: it has changed since (an RTMR was extended, say), or "
        "did not make that one");
  }
  return td.quote_report(again);
}

Result<TdEvidence> own_evidence(td::Td& td, const std::string& runtime_log,
                                const ByteArray<td::kReportDataBytes>& report_data,
                                Deadline deadline) {
  Result<TdEvidence> evidence = channel::td_evidence(td, runtime_log, report_data, deadline);
  if (evidence.ok()) return evidence;
  Error error = std::move(evidence).error();
  error.code = ErrorCode::refused;
  error.what = "there is no evidence of this TD: " + error.what;
  return error;
}

}  // namespace quoin::capi
