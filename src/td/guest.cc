#include "src/td/guest.h"

#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/crypto/random.h"
#include "src/crypto/sha2.h"

namespace quoin::td {
namespace {

constexpr size_t kTeeTcbInfoOffset = 256;
constexpr size_t kTeeTcbInfoBytes = 239;
constexpr size_t kTdInfoOffset = 512;

Error refused(std::string what) { return {ErrorCode::refused, std::move(what)}; }

}  // namespace

Result<TdReportStruct> report_with_right_hashes(ByteView bytes) {
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

Result<void> check_report_hashes(ByteView report, const ByteArray<kReportDataBytes>& expected) {
  const TdReportStruct read = TRY(report_with_right_hashes(report));
  if (read.report_mac_struct.report_data != expected) {
    return refused("the TDREPORT has other report data than was wanted");
  }
  return {};
}

Result<TdReportStruct> prove_guest(Td& td) {
  ByteArray<kReportDataBytes> fresh{};
  fill_random(fresh);
  const Bytes report = TRY(td.report(fresh));
  TRY(check_report_hashes(report, fresh));
  return parse_td_report(report);
}

bool is_something(const Error& error, const LinuxPaths* machine) {
  return error.code != ErrorCode::not_found || (machine != nullptr && detect(*machine).any());
}

Guest ask_guest(Td& td, const LinuxPaths* machine) {
  Result<TdReportStruct> report = prove_guest(td);
  if (report.ok()) return {.answer = Answer::yes};
  Error error = std::move(report).error();
  const Answer answer = is_something(error, machine) ? Answer::unknown : Answer::no;
  return {.answer = answer, .error = std::move(error)};
}

}  // namespace quoin::td
