// The specification's tables: the fields of each fixed structure, in the order of the wire, under
// their names. Reading, writing and inspecting go through the same table.

#ifndef QUOIN_SRC_QUOTE_FIELDS_H_
#define QUOIN_SRC_QUOTE_FIELDS_H_

#include <type_traits>

#include "quoin/quote.h"

namespace quoin {

// Each function calls `field(name, member)` once a field. `Structure` may be const.

// Quote Header (Intel TDX DCAP Quoting Library API, A.3.1), 48 bytes.
template <typename Structure, typename Visitor>
void quote_header_fields(Structure& header, Visitor&& field) {
  field("version", header.version);
  field("attestation_key_type", header.attestation_key_type);
  field("tee_type", header.tee_type);
  field("qe_svn", header.qe_svn);
  field("pce_svn", header.pce_svn);
  field("qe_vendor_id", header.qe_vendor_id);
  field("user_data", header.user_data);
}

// Enclave Report Body (A.3.10), 384 bytes.
template <typename Structure, typename Visitor>
void enclave_report_fields(Structure& report, Visitor&& field) {
  field("cpu_svn", report.cpu_svn);
  field("miscselect", report.miscselect);
  field("reserved1", report.reserved1);
  field("attributes", report.attributes);
  field("mr_enclave", report.mr_enclave);
  field("reserved2", report.reserved2);
  field("mr_signer", report.mr_signer);
  field("reserved3", report.reserved3);
  field("isv_prod_id", report.isv_prod_id);
  field("isv_svn", report.isv_svn);
  field("reserved4", report.reserved4);
  field("report_data", report.report_data);
}

// TD Quote Body 1.0 (A.3.2), 584 bytes.
template <typename Structure, typename Visitor>
void td_report_10_fields(Structure& report, Visitor&& field) {
  field("tee_tcb_svn", report.tee_tcb_svn);
  field("mr_seam", report.mr_seam);
  field("mr_signer_seam", report.mr_signer_seam);
  field("seam_attributes", report.seam_attributes);
  field("td_attributes", report.td_attributes);
  field("xfam", report.xfam);
  field("mr_td", report.mr_td);
  field("mr_config_id", report.mr_config_id);
  field("mr_owner", report.mr_owner);
  field("mr_owner_config", report.mr_owner_config);
  field("rtmr0", report.rtmr0);
  field("rtmr1", report.rtmr1);
  field("rtmr2", report.rtmr2);
  field("rtmr3", report.rtmr3);
  field("report_data", report.report_data);
}

// What TD Quote Body 1.5 adds (A.3.2), 64 bytes.
template <typename Structure, typename Visitor>
void td_report_15_extra_fields(Structure& report, Visitor&& field) {
  field("tee_tcb_svn2", report.tee_tcb_svn2);
  field("mr_service_td", report.mr_service_td);
}

// What body type 4 adds (intel/confidential-computing.tee.dcap.qvl, TDReport15Ex), 237 bytes.
template <typename Structure, typename Visitor>
void td_report_15_ex_extra_fields(Structure& report, Visitor&& field) {
  field("vm_id", report.vm_id);
  field("td_id", report.td_id);
  field("dev_info", report.dev_info);
  field("init_servtd_hash", report.init_servtd_hash);
  field("init_servtd_attributes", report.init_servtd_attributes);
  field("init_cpu_svn", report.init_cpu_svn);
  field("init_tee_tcb_svn", report.init_tee_tcb_svn);
  field("init_tee_fmspc", report.init_tee_fmspc);
  field("cur_servtd_hash", report.cur_servtd_hash);
  field("cur_servtd_attributes", report.cur_servtd_attributes);
}

// The body of a quote of any kind.
template <typename Structure, typename Visitor>
void body_fields(Structure& body, Visitor&& field) {
  using Body = std::remove_const_t<Structure>;
  if constexpr (std::is_same_v<Body, EnclaveReport>) {
    enclave_report_fields(body, field);
  } else {
    td_report_10_fields(body, field);
    if constexpr (std::is_base_of_v<TdReport15Extra, Body>) td_report_15_extra_fields(body, field);
    if constexpr (std::is_base_of_v<TdReport15ExExtra, Body>) {
      td_report_15_ex_extra_fields(body, field);
    }
  }
}

// REPORTMACSTRUCT (Intel TDX Module ABI specification), 256 bytes.
template <typename Structure, typename Visitor>
void report_mac_struct_fields(Structure& mac_struct, Visitor&& field) {
  field("type", mac_struct.type);
  field("subtype", mac_struct.subtype);
  field("version", mac_struct.version);
  field("reserved1", mac_struct.reserved1);
  field("cpu_svn", mac_struct.cpu_svn);
  field("tee_tcb_info_hash", mac_struct.tee_tcb_info_hash);
  field("tee_info_hash", mac_struct.tee_info_hash);
  field("report_data", mac_struct.report_data);
  field("reserved2", mac_struct.reserved2);
  field("mac", mac_struct.mac);
}

// TEE_TCB_INFO, 239 bytes.
template <typename Structure, typename Visitor>
void tee_tcb_info_fields(Structure& info, Visitor&& field) {
  field("valid", info.valid);
  field("tee_tcb_svn", info.tee_tcb_svn);
  field("mr_seam", info.mr_seam);
  field("mr_signer_seam", info.mr_signer_seam);
  field("attributes", info.attributes);
  field("tee_tcb_svn2", info.tee_tcb_svn2);
  field("reserved", info.reserved);
}

// TDINFO, 512 bytes.
template <typename Structure, typename Visitor>
void td_info_fields(Structure& info, Visitor&& field) {
  field("attributes", info.attributes);
  field("xfam", info.xfam);
  field("mr_td", info.mr_td);
  field("mr_config_id", info.mr_config_id);
  field("mr_owner", info.mr_owner);
  field("mr_owner_config", info.mr_owner_config);
  field("rtmr0", info.rtmr0);
  field("rtmr1", info.rtmr1);
  field("rtmr2", info.rtmr2);
  field("rtmr3", info.rtmr3);
  field("servtd_hash", info.servtd_hash);
  field("reserved", info.reserved);
}

}  // namespace quoin

#endif  // QUOIN_SRC_QUOTE_FIELDS_H_
