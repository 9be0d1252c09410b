#include <string>
#include <utility>

#include "quoin/quote.h"
#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/quote/codec.h"
#include "src/quote/fields.h"

namespace quoin {
namespace {

constexpr uint8_t kTdxReportType = 0x81;

// TDREPORT_STRUCT: what stands behind each other in the 1024 bytes.
template <typename Structure, typename Visitor>
void td_report_struct_fields(Structure& report, Visitor& field) {
  report_mac_struct_fields(report.report_mac_struct, field);
  tee_tcb_info_fields(report.tee_tcb_info, field);
  field("reserved", report.reserved);
  td_info_fields(report.td_info, field);
}

}  // namespace

Result<TdReportStruct> parse_td_report(ByteView bytes) {
  Reader in(bytes, "TDREPORT");
  TdReportStruct report;
  FieldReader reader(in);
  td_report_struct_fields(report, reader);
  TRY(std::move(reader).finish());
  TRY(in.finish());
  if (report.report_mac_struct.type != kTdxReportType) {
    return unsupported("TDREPORT: type " + std::to_string(report.report_mac_struct.type) +
                       ", wanted 129 (TDX)");
  }
  return report;
}

Bytes serialise(const TdReportStruct& report) {
  Writer out;
  FieldWriter writer(out);
  td_report_struct_fields(report, writer);
  return out.take();
}

}  // namespace quoin
