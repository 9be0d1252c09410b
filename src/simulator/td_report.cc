#include "src/simulator/td_report.h"

#include <array>
#include <string>

#include "src/base/writer.h"
#include "src/crypto/sha2.h"
#include "src/quote/codec.h"
#include "src/quote/fields.h"

namespace quoin::simulator {
namespace {

// Labels of REPORTMACSTRUCT (Intel TDX Module ABI specification, "REPORTTYPE").
constexpr uint8_t kTypeTdx = 0x81;
constexpr uint8_t kVersionWithServiceTd = 1;

// Bit 28 of ATTRIBUTES.
constexpr ByteArray<8> kSeptVeDisable = {0, 0, 0, 0x10, 0, 0, 0, 0};
// x87, SSE, AVX, AVX-512, PKRU and AMX: a server processor's.
constexpr ByteArray<8> kXfam = {0xe7, 0x02, 0x06, 0, 0, 0, 0, 0};

Sha384Digest hash_of(std::string_view name) {
  return sha384({as_bytes("quoin simulator: "), as_bytes(name)});
}

Error refused(std::string what) { return {ErrorCode::refused, std::move(what)}; }

}  // namespace

TdState default_td_state() {
  TdState state;
  state.attributes = kSeptVeDisable;
  state.xfam = kXfam;
  state.mr_td = hash_of("mrtd");
  state.rtmr0 = hash_of("rtmr0");
  state.rtmr1 = hash_of("rtmr1");
  state.rtmr2 = hash_of("rtmr2");
  return state;
}

Result<void> extend_rtmr(TdState& state, size_t index, const ByteArray<48>& digest) {
  const std::array<ByteArray<48>*, 4> registers = {&state.rtmr0, &state.rtmr1, &state.rtmr2,
                                                   &state.rtmr3};
  if (index >= registers.size()) {
    return Error{ErrorCode::invalid_argument,
                 "extend: RTMR" + std::to_string(index) + ", wanted RTMR0 to RTMR3"};
  }
  ByteArray<48>& rtmr = *registers[index];
  rtmr = sha384({rtmr, digest});
  return {};
}

ByteArray<48> tee_tcb_info_hash(const TdReportStruct& report) {
  Writer out;
  tee_tcb_info_fields(report.tee_tcb_info, FieldWriter(out));
  return sha384(out.view());
}

ByteArray<48> tee_info_hash(const TdReportStruct& report) {
  Writer out;
  td_info_fields(report.td_info, FieldWriter(out));
  return sha384(out.view());
}

ByteArray<32> report_mac(const Seed& seed, const TdReportStruct& report) {
  Writer out;
  report_mac_struct_fields(report.report_mac_struct, FieldWriter(out));
  // The MAC stands last, and does not cover itself.
  const ByteView covered = out.view().first(out.size() - report.report_mac_struct.mac.size());
  return hmac_sha256(derive_block(seed, "report MAC", 0).view(), {covered});
}

TdReportStruct make_td_report(const Seed& seed, const ByteArray<16>& cpu_svn,
                              const TdReportStruct::TeeTcbInfo& tee_tcb_info, const TdState& state,
                              const ByteArray<64>& report_data) {
  TdReportStruct report;
  report.tee_tcb_info = tee_tcb_info;
  report.td_info = state;
  TdReportStruct::ReportMacStruct& mac_struct = report.report_mac_struct;
  mac_struct.type = kTypeTdx;
  mac_struct.version = all_zero(state.servtd_hash) ? 0 : kVersionWithServiceTd;
  mac_struct.cpu_svn = cpu_svn;
  mac_struct.tee_tcb_info_hash = tee_tcb_info_hash(report);
  mac_struct.tee_info_hash = tee_info_hash(report);
  mac_struct.report_data = report_data;
  mac_struct.mac = report_mac(seed, report);
  return report;
}

Result<void> check_td_report(const Seed& seed, const TdReportStruct& report) {
  const TdReportStruct::ReportMacStruct& mac_struct = report.report_mac_struct;
  if (!equal_in_constant_time(mac_struct.mac, report_mac(seed, report))) {
    return refused("TDREPORT: the MAC is not this platform's");
  }
  if (mac_struct.tee_tcb_info_hash != tee_tcb_info_hash(report)) {
    return refused("TDREPORT: TEE_TCB_INFO is not what its hash says");
  }
  if (mac_struct.tee_info_hash != tee_info_hash(report)) {
    return refused("TDREPORT: TDINFO is not what its hash says");
  }
  return {};
}

}  // namespace quoin::simulator
