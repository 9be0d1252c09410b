#include "src/td/quote_check.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

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

// Whatever is not the quote that was asked for comes from the host, which is not trusted.
constexpr std::string_view kHostHint =
    "the host answered with it: find out what makes quotes there (journalctl -u qgsd on the host); "
    "in a container, also what is mounted at /sys/kernel/config";

Error refused(std::string what) {
  return {ErrorCode::refused, std::move(what), std::string(kHostHint)};
}

// A quote of a TD; its views are of `bytes`.
Result<Quote> read_td_quote(ByteView bytes) {
  if (bytes.empty()) {
    return Error{ErrorCode::truncated, "the quote is empty",
                 "the host's quote generation failed without saying so: its log says more "
                 "(journalctl -u qgsd on the host)"};
  }
  if (looks_like_cbor(bytes)) {
    return Error{ErrorCode::unsupported,
                 "the quote is a DICE quote (CBOR), which Quoin does not read",
                 "have the host make quotes with the TD quoting enclave of Intel's DCAP (qgsd)"};
  }
  Result<Quote> quote = parse_quote(bytes);
  if (!quote.ok()) {
    return Error{quote.error().code, quote.error().what, std::string(kHostHint)};
  }
  if (quote->td_report() == nullptr) return refused("the quote is an SGX enclave's, not a TD's");
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

// TEE_TCB_INFO.VALID of a report without TEE_TCB_SVN2: of TDX 1.0, or of a module of 1.5 that
// cannot be updated under its TDs (guest ABI, TEE_TCB_INFO).
constexpr ByteArray<8> kValidWithoutSvn2 = {0xff, 0x01};

// What a quote says of the module: as the TD was launched under it, and as it runs now.
struct ModuleSvns {
  ByteArray<16> at_launch{};
  ByteArray<16> now{};
};

// What a quote of that report says. Where the report has no TEE_TCB_SVN2, Intel documents that the
// enclave takes TEE_TCB_SVN for it. But a body of 1.5 comes from its code with that field zero, and
// with the report's empty field as TEE_TCB_SVN (quoting_enclave_tdqe.cpp, gen_quote()): the
// platform cannot help it, and whoever verifies the quote sees the lowest of SVNs.
ModuleSvns svns_of(const TdReportStruct::TeeTcbInfo& tcb, const TdReport15Extra* quoted) {
  if (tcb.valid != kValidWithoutSvn2) return {tcb.tee_tcb_svn, tcb.tee_tcb_svn2};
  if (quoted != nullptr && all_zero(quoted->tee_tcb_svn2)) return {tcb.tee_tcb_svn2, {}};
  return {tcb.tee_tcb_svn, tcb.tee_tcb_svn};
}

// What a TDINFO of version 3 has behind SERVTD_HASH and body type 4 has too
// (intel/confidential-computing.tee.dcap, sgx_quote_5.h, tee_info_v1_5_ex_t). Zero where VALID says
// that it is not there: so does the enclave quote it.
struct TdIdentity {
  ByteArray<32> td_id{};
  ByteArray<1> vm_id{};
};

TdIdentity identity_of(const TdReportStruct::TdInfo& td) {
  constexpr size_t kVmId = 56;
  constexpr size_t kValid = 60;       // 32 bits, little-endian
  constexpr uint8_t kHasTdId = 0x01;  // bits 8 and 9
  constexpr uint8_t kHasVmId = 0x02;
  TdIdentity identity;
  const uint8_t has = td.reserved[kValid + 1];
  if ((has & kHasTdId) != 0)
    std::copy_n(td.reserved.begin(), identity.td_id.size(), identity.td_id.begin());
  if ((has & kHasVmId) != 0) identity.vm_id = {td.reserved[kVmId]};
  return identity;
}

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
  // A body of 1.0 says by being one that no service TD is bound and that the module which runs is
  // the one which was launched.
  const TdReport15Extra* const says = quote.td_report_15();
  const TdReport15Extra extra =
      says != nullptr ? *says
                      : TdReport15Extra{.tee_tcb_svn2 = body.tee_tcb_svn, .mr_service_td = {}};
  const ModuleSvns svns = svns_of(tcb, says);
  // Types below 4 say nothing of these.
  const TdIdentity identity = identity_of(td);
  const auto* const ex = std::get_if<TdReport15Ex>(&quote.body);
  const TdIdentity quoted_identity =
      ex != nullptr ? TdIdentity{.td_id = ex->td_id, .vm_id = {ex->vm_id}} : identity;
  const std::array fields = {
      SameField{"report_data", body.report_data, report.report_mac_struct.report_data},
      SameField{"tee_tcb_svn", body.tee_tcb_svn, svns.at_launch},
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
      SameField{"tee_tcb_svn2", extra.tee_tcb_svn2, svns.now},
      SameField{"mr_service_td", extra.mr_service_td, td.servtd_hash},
      SameField{"td_id", quoted_identity.td_id, identity.td_id},
      SameField{"vm_id", quoted_identity.vm_id, identity.vm_id},
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
