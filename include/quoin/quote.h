// Intel's attestation quotes (versions 3, 4 and 5) and TDREPORT: what the bytes say. Whether to
// believe them is quoin/verify.h.

#ifndef QUOIN_QUOTE_H_
#define QUOIN_QUOTE_H_

#include <cstdint>
#include <variant>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// Values of "TEE type" in a quote's header (Intel TDX DCAP Quoting Library API, A.3.1).
enum class TeeType : uint32_t { sgx = 0x00, tdx = 0x81 };

// Kinds of certification data (A.3.9).
enum class CertificationDataType : uint16_t {
  ppid_plain = 1,
  ppid_rsa2048_encrypted = 2,
  ppid_rsa3072_encrypted = 3,
  pck_leaf = 4,
  pck_chain = 5,
  qe_report = 6,
};

// Kinds of body in a version 5 quote (A.3.2). Versions 3 and 4 do not write it down: version 3 has
// an SGX enclave report, version 4 an SGX enclave report or a TD report 1.0.
enum class BodyType : uint16_t {
  sgx_enclave_report = 1,
  td_report_10 = 2,
  td_report_15 = 3,
  td_report_15_ex = 4,
};

// The first 48 bytes (A.3.1).
struct QuoteHeader {
  uint16_t version = 0;
  uint16_t attestation_key_type = 0;  // 2: ECDSA-256-with-P-256, the only one that we read
  TeeType tee_type = TeeType::sgx;
  uint16_t qe_svn = 0;   // version 3; reserved in 4 and 5. Never decide on it
  uint16_t pce_svn = 0;  // version 3; reserved in 4 and 5. Never decide on it
  ByteArray<16> qe_vendor_id{};
  ByteArray<20> user_data{};
};

// sgx_report_body_t, 384 bytes (A.3.10).
struct EnclaveReport {
  ByteArray<16> cpu_svn{};
  uint32_t miscselect = 0;
  ByteArray<28> reserved1{};
  ByteArray<16> attributes{};
  ByteArray<32> mr_enclave{};
  ByteArray<32> reserved2{};
  ByteArray<32> mr_signer{};
  ByteArray<96> reserved3{};
  uint16_t isv_prod_id = 0;
  uint16_t isv_svn = 0;
  ByteArray<60> reserved4{};
  ByteArray<64> report_data{};
};

// TD quote body 1.0, 584 bytes (A.3.2).
struct TdReport10 {
  ByteArray<16> tee_tcb_svn{};
  ByteArray<48> mr_seam{};
  ByteArray<48> mr_signer_seam{};
  ByteArray<8> seam_attributes{};
  ByteArray<8> td_attributes{};
  ByteArray<8> xfam{};
  ByteArray<48> mr_td{};
  ByteArray<48> mr_config_id{};
  ByteArray<48> mr_owner{};
  ByteArray<48> mr_owner_config{};
  ByteArray<48> rtmr0{};
  ByteArray<48> rtmr1{};
  ByteArray<48> rtmr2{};
  ByteArray<48> rtmr3{};
  ByteArray<64> report_data{};
};

// What TD quote body 1.5 adds, 64 bytes (A.3.2).
struct TdReport15Extra {
  ByteArray<16> tee_tcb_svn2{};  // the module that runs now, after a TD-preserving update
  ByteArray<48> mr_service_td{};
};

// What body type 4 adds, 237 bytes (intel/confidential-computing.tee.dcap.qvl, TDReport15Ex).
struct TdReport15ExExtra {
  uint8_t vm_id = 0;
  ByteArray<32> td_id{};
  ByteArray<48> dev_info{};
  ByteArray<48> init_servtd_hash{};
  ByteArray<8> init_servtd_attributes{};
  ByteArray<16> init_cpu_svn{};
  ByteArray<16> init_tee_tcb_svn{};
  ByteArray<12> init_tee_fmspc{};
  ByteArray<48> cur_servtd_hash{};
  ByteArray<8> cur_servtd_attributes{};
};

struct TdReport15 : TdReport10, TdReport15Extra {};
struct TdReport15Ex : TdReport15, TdReport15ExExtra {};

// A quote of any version. The views point into the bytes that were parsed, which must outlive it.
// Copies are cheap and independent. Immutable use is thread-safe.
struct Quote {
  QuoteHeader header;
  std::variant<EnclaveReport, TdReport10, TdReport15, TdReport15Ex> body;

  // Header and body as they were signed by the attestation key.
  ByteView signed_bytes;

  // The signature data (A.3.8): ECDSA keys are X || Y, signatures r || s, big-endian.
  ByteArray<64> signature{};
  ByteArray<64> attestation_key{};
  EnclaveReport qe_report;
  ByteView qe_report_bytes;  // 384 bytes, as signed by the PCK
  ByteArray<64> qe_report_signature{};
  ByteView qe_authentication_data;
  CertificationDataType certification_data_type = CertificationDataType::pck_chain;
  ByteView certification_data;

  // What stands behind the quote: padding, mostly. Nothing signs it.
  ByteView trailing;

  // The report of a TD quote in its common part; null in an SGX quote.
  const TdReport10* td_report() const;
  // What TD report 1.5 adds; null where the body has none.
  const TdReport15Extra* td_report_15() const;
  // The report of an SGX quote; null in a TD quote.
  const EnclaveReport* enclave_report() const;
  // The 64 bytes that the quoted party chose.
  const ByteArray<64>& report_data() const;
  BodyType body_type() const;
};

// Reads a quote of version 3, 4 or 5. Sizes must fit exactly; bytes behind the quote are kept in
// `trailing`. Fails with malformed, truncated, trailing_bytes (inside a length-prefixed part),
// unsupported (version, key type, TEE type, body type, certification data type, QE vendor), or
// too_large (over 1 MiB).
Result<Quote> parse_quote(ByteView bytes);

// The bytes that parse_quote() reads as this quote: serialise(parse(x)) == x.
Bytes serialise(const Quote& quote);

// TDREPORT_STRUCT, 1024 bytes (Intel TDX Module ABI specification, "TDREPORT_STRUCT").
struct TdReportStruct {
  // REPORTMACSTRUCT, 256 bytes.
  struct ReportMacStruct {
    uint8_t type = 0;  // 0x81: TDX
    uint8_t subtype = 0;
    uint8_t version = 0;  // 0: no service TD bound; 1: bound
    ByteArray<13> reserved1{};
    ByteArray<16> cpu_svn{};
    ByteArray<48> tee_tcb_info_hash{};  // SHA-384 of TEE_TCB_INFO's 239 bytes
    ByteArray<48> tee_info_hash{};      // SHA-384 of TDINFO's 512 bytes
    ByteArray<64> report_data{};
    ByteArray<32> reserved2{};
    ByteArray<32> mac{};
  } report_mac_struct;

  // TEE_TCB_INFO, 239 bytes, and the 17 reserved bytes behind it.
  struct TeeTcbInfo {
    ByteArray<8> valid{};
    ByteArray<16> tee_tcb_svn{};
    ByteArray<48> mr_seam{};
    ByteArray<48> mr_signer_seam{};
    ByteArray<8> attributes{};
    ByteArray<16> tee_tcb_svn2{};  // TDX 1.5
    ByteArray<95> reserved{};
  } tee_tcb_info;
  ByteArray<17> reserved{};

  // TDINFO, 512 bytes.
  struct TdInfo {
    ByteArray<8> attributes{};
    ByteArray<8> xfam{};
    ByteArray<48> mr_td{};
    ByteArray<48> mr_config_id{};
    ByteArray<48> mr_owner{};
    ByteArray<48> mr_owner_config{};
    ByteArray<48> rtmr0{};
    ByteArray<48> rtmr1{};
    ByteArray<48> rtmr2{};
    ByteArray<48> rtmr3{};
    ByteArray<48> servtd_hash{};  // TDX 1.5
    ByteArray<64> reserved{};
  } td_info;
};

// Reads a TDREPORT of exactly 1024 bytes. Says nothing of its hashes or its MAC. Fails with
// truncated, trailing_bytes, or unsupported (type other than 0x81).
Result<TdReportStruct> parse_td_report(ByteView bytes);

// The 1024 bytes that parse_td_report() reads as this report.
Bytes serialise(const TdReportStruct& report);

}  // namespace quoin

#endif  // QUOIN_QUOTE_H_
