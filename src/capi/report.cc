#include "src/capi/report.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/try.h"
#include "src/channel/td_evidence.h"
#include "src/crypto/random.h"
#include "src/crypto/sha2.h"
#include "src/td/detect.h"

namespace quoin::capi {
namespace {

constexpr size_t kReportDataOffset = 128;
constexpr size_t kTeeTcbInfoOffset = 256;
constexpr size_t kTeeTcbInfoBytes = 239;
constexpr size_t kTdInfoOffset = 512;

Error refused(std::string what) { return {ErrorCode::refused, std::move(what)}; }

Result<TdReportStruct> with_right_hashes(ByteView bytes) {
  const TdReportStruct report = TRY(parse_td_report(bytes));
  const TdReportStruct::ReportMacStruct& front = report.report_mac_struct;
  if (sha384(bytes.subspan(kTeeTcbInfoOffset, kTeeTcbInfoBytes)) != front.tee_tcb_info_hash) {
    return refused("the TDREPORT's TEE_TCB_INFO_HASH is not of its TEE_TCB_INFO");
  }
  if (sha384(bytes.subspan(kTdInfoOffset)) != front.tee_info_hash) {
    return refused("the TDREPORT's TEE_INFO_HASH is not of its TDINFO");
  }
  return report;
}

}  // namespace

ByteArray<td::kReportDataBytes> report_data_of(ByteView front) {
  ByteArray<td::kReportDataBytes> report_data{};
  std::ranges::copy(front.subspan(kReportDataOffset, td::kReportDataBytes), report_data.begin());
  return report_data;
}

Result<void> check_report_hashes(ByteView report, const ByteArray<td::kReportDataBytes>& expected) {
  const TdReportStruct read = TRY(with_right_hashes(report));
  if (read.report_mac_struct.report_data != expected) {
    return refused("the TDREPORT has other report data than was wanted");
  }
  return {};
}

Result<void> check_report_structure(ByteView report) {
  const TdReportStruct read = TRY(with_right_hashes(report));
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

Result<TdReportStruct> prove_guest(td::Td& td) {
  ByteArray<td::kReportDataBytes> fresh{};
  fill_random(fresh);
  const Bytes report = TRY(td.report(fresh));
  TRY(check_report_hashes(report, fresh));
  return parse_td_report(report);
}

bool is_something(const Session& session, const Error& error) {
  return error.code != ErrorCode::not_found ||
         (session.td_is_kernels() && td::detect(session.paths()).any());
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
                                const ByteArray<td::kReportDataBytes>& report_data) {
  Result<TdEvidence> evidence = channel::td_evidence(td, runtime_log, report_data);
  if (evidence.ok()) return evidence;
  Error error = std::move(evidence).error();
  error.code = ErrorCode::refused;
  error.what = "there is no evidence of this TD: " + error.what;
  return error;
}

}  // namespace quoin::capi
