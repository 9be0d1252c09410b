#include "src/td/quote_check.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin::td {
namespace {

// A CBOR tag, or the array of four of an untagged COSE_Sign1 (RFC 8949, 3; RFC 9052, 4.2). Quotes
// of ours begin with their version, a number below 0x80.
bool looks_like_cbor(ByteView bytes) {
  constexpr uint8_t kMajorTypeMask = 0xe0;
  constexpr uint8_t kTag = 0xc0;
  constexpr uint8_t kArrayOfFour = 0x84;
  return (bytes[0] & kMajorTypeMask) == kTag || bytes[0] == kArrayOfFour;
}

Error refused(std::string what) { return {ErrorCode::refused, std::move(what)}; }

// A quote of a TD; its views are of `bytes`.
Result<Quote> read_td_quote(ByteView bytes) {
  if (bytes.empty()) {
    return Error{ErrorCode::truncated, "the quote is empty",
                 "the host's quote generation failed without saying so: its log says more "
                 "(journalctl -u qgsd on the host)"};
  }
  if (looks_like_cbor(bytes)) {
    return unsupported("the quote is a DICE quote (CBOR), which Quoin does not read");
  }
  Quote quote = TRY(parse_quote(bytes));
  if (quote.td_report() == nullptr) return refused("the quote is an SGX enclave's, not a TD's");
  return quote;
}

Bytes without_padding(ByteView bytes, const Quote& quote) {
  const ByteView own = bytes.first(bytes.size() - quote.trailing.size());
  return Bytes(own.begin(), own.end());
}

// A field that quote and report both have.
struct SameField {
  std::string_view name;
  ByteView quoted;
  ByteView reported;
};

}  // namespace

Result<Bytes> checked_quote(ByteView bytes, const ByteArray<kReportDataBytes>& report_data) {
  const Quote quote = TRY(read_td_quote(bytes));
  if (quote.report_data() != report_data) {
    return refused("the quote has other report data than was asked for");
  }
  return without_padding(bytes, quote);
}

Result<Bytes> checked_quote_of_report(ByteView bytes, ByteView td_report) {
  const TdReportStruct report = TRY(parse_td_report(td_report));
  const Quote quote = TRY(read_td_quote(bytes));
  const TdReport10& body = *quote.td_report();
  const TdReportStruct::TeeTcbInfo& tcb = report.tee_tcb_info;
  const TdReportStruct::TdInfo& td = report.td_info;
  const std::array fields = {
      SameField{"report_data", body.report_data, report.report_mac_struct.report_data},
      SameField{"tee_tcb_svn", body.tee_tcb_svn, tcb.tee_tcb_svn},
      SameField{"mr_seam", body.mr_seam, tcb.mr_seam},
      SameField{"mr_signer_seam", body.mr_signer_seam, tcb.mr_signer_seam},
      SameField{"seam_attributes", body.seam_attributes, tcb.attributes},
      SameField{"td_attributes", body.td_attributes, td.attributes},
      SameField{"xfam", body.xfam, td.xfam},
      SameField{"mr_td", body.mr_td, td.mr_td},
      SameField{"mr_config_id", body.mr_config_id, td.mr_config_id},
      SameField{"mr_owner", body.mr_owner, td.mr_owner},
      SameField{"mr_owner_config", body.mr_owner_config, td.mr_owner_config},
      SameField{"rtmr0", body.rtmr0, td.rtmr0},
      SameField{"rtmr1", body.rtmr1, td.rtmr1},
      SameField{"rtmr2", body.rtmr2, td.rtmr2},
      SameField{"rtmr3", body.rtmr3, td.rtmr3},
  };
  for (const SameField& field : fields) {
    if (!equal(field.quoted, field.reported)) {
      return refused("the quote is not of that report: its " + std::string(field.name) +
                     " is another");
    }
  }
  return without_padding(bytes, quote);
}

}  // namespace quoin::td
