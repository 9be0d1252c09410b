#include <concepts>
#include <string>
#include <utility>
#include <variant>

#include "src/base/hex.h"
#include "src/cli/describe.h"
#include "src/quote/fields.h"

namespace quoin::cli {
namespace {

std::string_view name_of(TeeType type) { return type == TeeType::tdx ? "TDX" : "SGX"; }

std::string_view name_of(BodyType type) {
  switch (type) {
    case BodyType::sgx_enclave_report:
      return "SGX enclave report";
    case BodyType::td_report_10:
      return "TD report 1.0";
    case BodyType::td_report_15:
      return "TD report 1.5";
    case BodyType::td_report_15_ex:
      return "TD report 1.5, extended";
  }
  return "";
}

std::string_view name_of(CertificationDataType type) {
  switch (type) {
    case CertificationDataType::ppid_plain:
      return "PPID";
    case CertificationDataType::ppid_rsa2048_encrypted:
      return "PPID, encrypted with RSA-2048";
    case CertificationDataType::ppid_rsa3072_encrypted:
      return "PPID, encrypted with RSA-3072";
    case CertificationDataType::pck_leaf:
      return "PCK certificate";
    case CertificationDataType::pck_chain:
      return "PCK certificate chain";
    case CertificationDataType::qe_report:
      return "QE report";
  }
  return "";
}

template <size_t N>
Value field_value(const ByteArray<N>& bytes) {
  return Value::hex(bytes);
}
template <std::unsigned_integral Number>
Value field_value(Number number) {
  return number;
}
Value field_value(TeeType type) { return name_of(type); }

// A visitor for src/quote/fields.h that collects what it is shown.
class Collector {
 public:
  template <typename Member>
  void operator()(std::string_view name, const Member& member) {
    fields_.emplace_back(std::string(name), field_value(member));
  }
  Value::Object take() { return std::move(fields_); }

 private:
  Value::Object fields_;
};

Value::Object describe_enclave_report(const EnclaveReport& report) {
  Collector fields;
  enclave_report_fields(report, fields);
  return fields.take();
}

Value describe_certification_data(const Quote& quote) {
  if (quote.certification_data_type == CertificationDataType::pck_chain ||
      quote.certification_data_type == CertificationDataType::pck_leaf) {
    const Result<x509::Chain> chain = x509::Chain::parse_pem(as_text(quote.certification_data));
    if (chain.ok()) return describe(*chain);
  }
  return Value::hex(quote.certification_data);
}

}  // namespace

Value::Object describe(const Quote& quote) {
  Collector header;
  quote_header_fields(quote.header, header);
  Collector body;
  std::visit([&](const auto& report) { body_fields(report, body); }, quote.body);
  return {
      {"header", header.take()},
      {"body_type", name_of(quote.body_type())},
      {"body", body.take()},
      {"signature", Value::hex(quote.signature)},
      {"attestation_key", Value::hex(quote.attestation_key)},
      {"qe_report", describe_enclave_report(quote.qe_report)},
      {"qe_report_signature", Value::hex(quote.qe_report_signature)},
      {"qe_authentication_data", Value::hex(quote.qe_authentication_data)},
      {"certification_data_type", name_of(quote.certification_data_type)},
      {"certification_data", describe_certification_data(quote)},
      {"trailing_bytes", quote.trailing.size()},
      {"trailing", Value::hex(quote.trailing)},
  };
}

Value::Object describe_measurements(const Quote& quote) {
  if (const TdReport10* report = quote.td_report()) {
    return {
        {"mr_seam", Value::hex(report->mr_seam)},
        {"mr_td", Value::hex(report->mr_td)},
        {"mr_config_id", Value::hex(report->mr_config_id)},
        {"mr_owner", Value::hex(report->mr_owner)},
        {"mr_owner_config", Value::hex(report->mr_owner_config)},
        {"rtmr0", Value::hex(report->rtmr0)},
        {"rtmr1", Value::hex(report->rtmr1)},
        {"rtmr2", Value::hex(report->rtmr2)},
        {"rtmr3", Value::hex(report->rtmr3)},
        {"td_attributes", Value::hex(report->td_attributes)},
        {"report_data", Value::hex(report->report_data)},
    };
  }
  const EnclaveReport& report = *quote.enclave_report();
  return {
      {"mr_enclave", Value::hex(report.mr_enclave)},
      {"mr_signer", Value::hex(report.mr_signer)},
      {"isv_prod_id", report.isv_prod_id},
      {"isv_svn", report.isv_svn},
      {"attributes", Value::hex(report.attributes)},
      {"report_data", Value::hex(report.report_data)},
  };
}

Value::Object describe(const TdReportStruct& report) {
  Collector mac_struct;
  report_mac_struct_fields(report.report_mac_struct, mac_struct);
  Collector tcb_info;
  tee_tcb_info_fields(report.tee_tcb_info, tcb_info);
  Collector td_info;
  td_info_fields(report.td_info, td_info);
  return {
      {"report_mac_struct", mac_struct.take()},
      {"tee_tcb_info", tcb_info.take()},
      {"reserved", Value::hex(report.reserved)},
      {"td_info", td_info.take()},
  };
}

}  // namespace quoin::cli
