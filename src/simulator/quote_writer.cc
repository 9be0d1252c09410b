#include "src/simulator/quote_writer.h"

#include <algorithm>

#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/crypto/sha2.h"
#include "src/quote/codec.h"
#include "src/quote/fields.h"
#include "src/simulator/signing_key.h"

namespace quoin::simulator {
namespace {

// TEE_TCB_INFO.VALID: which of its fields say something.
constexpr ByteArray<8> kValidTdx10 = {0xff, 0x01};
constexpr ByteArray<8> kValidTdx15 = {0xff, 0x01, 0x03};

Bytes write_body(const QuoteBody& body) {
  Writer out;
  std::visit([&out](const auto& report) { body_fields(report, FieldWriter(out)); }, body);
  return out.take();
}

// Header and body: what the attestation key signs.
Bytes write_signed_part(const QuoteParts& parts) {
  Writer out;
  quote_header_fields(parts.header, FieldWriter(out));
  const Bytes body = write_body(parts.body);
  if (parts.header.version == 5) {
    // The alternatives of the variant stand in the order of BodyType, which begins with 1.
    const auto type = static_cast<uint16_t>(parts.body.index() + 1);
    out.u16le(parts.lies.body_type.value_or(type));
    out.u32le(parts.lies.body_size.value_or(static_cast<uint32_t>(body.size())));
  }
  return out.bytes(body).take();
}

// The QE report with its signature, authentication data and certification data.
Bytes write_qe_part(const Seed& seed, const QuoteParts& parts, const P256Point& attestation_key) {
  EnclaveReport report = parts.qe_report;
  if (parts.bind_attestation_key) {
    report.report_data = {};
    std::ranges::copy(sha256({attestation_key, parts.qe_authentication_data}),
                      report.report_data.begin());
  }
  const Bytes report_bytes = write_body(report);
  const auto authentication_size = static_cast<uint16_t>(parts.qe_authentication_data.size());
  const auto certification_size = static_cast<uint32_t>(parts.certification_data.size());
  Writer out;
  out.bytes(report_bytes)
      .bytes(SigningKey::derive(seed, parts.qe_report_signed_by).sign(report_bytes))
      .u16le(parts.lies.qe_authentication_data_size.value_or(authentication_size))
      .bytes(parts.qe_authentication_data)
      .u16le(static_cast<uint16_t>(parts.certification_data_type))
      .u32le(parts.lies.certification_data_size.value_or(certification_size))
      .bytes(parts.certification_data);
  return out.take();
}

void fill(const TdReportStruct& from, TdReport10& to) {
  to.tee_tcb_svn = from.tee_tcb_info.tee_tcb_svn;
  to.mr_seam = from.tee_tcb_info.mr_seam;
  to.mr_signer_seam = from.tee_tcb_info.mr_signer_seam;
  to.seam_attributes = from.tee_tcb_info.attributes;
  to.td_attributes = from.td_info.attributes;
  to.xfam = from.td_info.xfam;
  to.mr_td = from.td_info.mr_td;
  to.mr_config_id = from.td_info.mr_config_id;
  to.mr_owner = from.td_info.mr_owner;
  to.mr_owner_config = from.td_info.mr_owner_config;
  to.rtmr0 = from.td_info.rtmr0;
  to.rtmr1 = from.td_info.rtmr1;
  to.rtmr2 = from.td_info.rtmr2;
  to.rtmr3 = from.td_info.rtmr3;
  to.report_data = from.report_mac_struct.report_data;
}

void fill(const TdReportStruct& from, TdReport15Extra& to) {
  const TdReportStruct::TeeTcbInfo& info = from.tee_tcb_info;
  to.tee_tcb_svn2 = info.valid == kValidTdx10 ? info.tee_tcb_svn : info.tee_tcb_svn2;
  if (from.report_mac_struct.version != 0) to.mr_service_td = from.td_info.servtd_hash;
}

}  // namespace

Bytes write_quote(const Seed& seed, const QuoteParts& parts) {
  const Bytes signed_part = write_signed_part(parts);
  const P256Point attestation_key = SigningKey::derive(seed, parts.attestation_key).public_key();
  const Bytes qe_part = write_qe_part(seed, parts, attestation_key);

  Writer signature_data;
  signature_data.bytes(SigningKey::derive(seed, parts.signed_by).sign(signed_part))
      .bytes(attestation_key);
  if (parts.header.version != 3) {
    const auto type = static_cast<uint16_t>(CertificationDataType::qe_report);
    const auto size = static_cast<uint32_t>(qe_part.size());
    signature_data.u16le(parts.lies.outer_certification_data_type.value_or(type))
        .u32le(parts.lies.outer_certification_data_size.value_or(size));
  }
  signature_data.bytes(qe_part);

  Writer out;
  out.bytes(signed_part)
      .u32le(parts.lies.signature_data_size.value_or(static_cast<uint32_t>(signature_data.size())))
      .bytes(signature_data.view())
      .bytes(parts.trailing);
  return out.take();
}

Result<QuoteBody> td_quote_body(const TdReportStruct& report, BodyType type) {
  TdReport15Ex body;
  fill(report, static_cast<TdReport10&>(body));
  fill(report, static_cast<TdReport15Extra&>(body));
  switch (type) {
    case BodyType::td_report_10:
      return QuoteBody(static_cast<TdReport10>(body));
    case BodyType::td_report_15:
      return QuoteBody(static_cast<TdReport15>(body));
    case BodyType::td_report_15_ex:
      return QuoteBody(body);
    case BodyType::sgx_enclave_report:
      break;
  }
  return Error{ErrorCode::invalid_argument, "quote body: a type that a TD report does not fit"};
}

Result<QuoteBody> td_quote_body(const TdReportStruct& report) {
  const TdReportStruct::TeeTcbInfo& info = report.tee_tcb_info;
  if (info.valid != kValidTdx10 && info.valid != kValidTdx15) {
    return Error{ErrorCode::unsupported, "TDREPORT: TEE_TCB_INFO.VALID " + to_hex(info.valid)};
  }
  const bool same_module = info.valid == kValidTdx10 || info.tee_tcb_svn2 == info.tee_tcb_svn;
  const bool service_td = report.report_mac_struct.version != 0;
  return td_quote_body(
      report, same_module && !service_td ? BodyType::td_report_10 : BodyType::td_report_15);
}

}  // namespace quoin::simulator
