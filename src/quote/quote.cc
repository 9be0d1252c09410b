#include "quoin/quote.h"

#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/reader.h"
#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/quote/codec.h"
#include "src/quote/fields.h"

namespace quoin {
namespace {

constexpr size_t kMaxQuoteSize = size_t{1} << 20;
constexpr size_t kEnclaveReportSize = 384;
constexpr size_t kTdReport10Size = 584;
constexpr size_t kTdReport15Size = 648;
constexpr size_t kTdReport15ExSize = 885;
constexpr uint16_t kEcdsaP256 = 2;

// "Intel": the QE vendor in every quote that Intel's enclaves make (A.3.1).
constexpr ByteArray<16> kIntelQeVendorId = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

Result<QuoteHeader> parse_header(Reader& in) {
  QuoteHeader header;
  FieldReader reader(in);
  quote_header_fields(header, reader);
  TRY(std::move(reader).finish());
  if (header.version < 3 || header.version > 5) {
    return unsupported("quote: version " + std::to_string(header.version) + ", wanted 3, 4 or 5");
  }
  if (header.attestation_key_type != kEcdsaP256) {
    return unsupported("quote: attestation key type " +
                       std::to_string(header.attestation_key_type) +
                       ", wanted 2 (ECDSA-256-with-P-256)");
  }
  if (header.tee_type != TeeType::sgx && header.tee_type != TeeType::tdx) {
    return unsupported("quote: TEE type " + std::to_string(static_cast<uint32_t>(header.tee_type)) +
                       ", wanted 0 (SGX) or 129 (TDX)");
  }
  if (header.version == 3 && header.tee_type != TeeType::sgx) {
    return unsupported("quote: version 3 is for SGX only");
  }
  if (header.qe_vendor_id != kIntelQeVendorId) return unsupported("quote: QE vendor is not Intel");
  return header;
}

template <typename Structure>
Result<void> read_fields(Reader& in, Structure& structure) {
  FieldReader reader(in);
  body_fields(structure, reader);
  return std::move(reader).finish();
}

using Body = decltype(Quote::body);

// The kind of body that comes next, its fields still to be read. Versions 3 and 4 imply it; version
// 5 writes down its type and size, which must agree with the TEE type and with each other.
Result<Body> announced_body(Reader& in, const QuoteHeader& header) {
  if (header.version < 5) {
    return header.tee_type == TeeType::sgx ? Body(EnclaveReport()) : Body(TdReport10());
  }
  const auto type = static_cast<BodyType>(TRY(in.u16le()));
  const uint32_t size = TRY(in.u32le());
  Body body;
  size_t wanted = 0;
  switch (type) {
    case BodyType::sgx_enclave_report:
      body = EnclaveReport();
      wanted = kEnclaveReportSize;
      break;
    case BodyType::td_report_10:
      body = TdReport10();
      wanted = kTdReport10Size;
      break;
    case BodyType::td_report_15:
      body = TdReport15();
      wanted = kTdReport15Size;
      break;
    case BodyType::td_report_15_ex:
      body = TdReport15Ex();
      wanted = kTdReport15ExSize;
      break;
  }
  if (wanted == 0) {
    return unsupported("quote: body type " + std::to_string(static_cast<uint16_t>(type)) +
                       ", wanted 1 to 4");
  }
  if (size != wanted) {
    return malformed("quote: body size " + std::to_string(size) + ", wanted " +
                     std::to_string(wanted));
  }
  if ((type == BodyType::sgx_enclave_report) != (header.tee_type == TeeType::sgx)) {
    return malformed("quote: body type and TEE type disagree");
  }
  return body;
}

Result<void> parse_body(Reader& in, Body& body) {
  return std::visit([&](auto& report) { return read_fields(in, report); }, body);
}

// QE report, its signature, and QE authentication data (A.3.6, A.3.7, A.3.11).
Result<void> parse_qe_report(Reader& in, Quote& quote) {
  const ByteView from_report = in.rest();
  TRY(read_fields(in, quote.qe_report));
  quote.qe_report_bytes = from_report.first(from_report.size() - in.remaining());
  TRY(in.fill(quote.qe_report_signature));
  quote.qe_authentication_data = TRY(in.u16le_prefixed());
  return {};
}

// The certification data that says which platform signed (A.3.9). It must fill its container.
Result<void> parse_certification_data(Reader& in, Quote& quote) {
  const uint16_t type = TRY(in.u16le());
  if (type < 1 || type > 5) {
    return unsupported("quote: certification data type " + std::to_string(type) +
                       ", wanted 1 to 5");
  }
  quote.certification_data_type = static_cast<CertificationDataType>(type);
  quote.certification_data = TRY(in.u32le_prefixed());
  return in.finish();
}

// ECDSA 256-bit Quote Signature Data: version 3 lays the QE report out flat, versions 4 and 5 wrap
// it as certification data of type 6 (A.3.8).
Result<void> parse_signature_data(Reader& in, Quote& quote) {
  TRY(in.fill(quote.signature));
  TRY(in.fill(quote.attestation_key));
  if (quote.header.version == 3) {
    TRY(parse_qe_report(in, quote));
    return parse_certification_data(in, quote);
  }
  const uint16_t type = TRY(in.u16le());
  if (type != static_cast<uint16_t>(CertificationDataType::qe_report)) {
    return unsupported("quote: outer certification data type " + std::to_string(type) +
                       ", wanted 6 (QE report)");
  }
  Reader outer(TRY(in.u32le_prefixed()), "QE report certification data");
  TRY(in.finish());
  TRY(parse_qe_report(outer, quote));
  return parse_certification_data(outer, quote);
}

}  // namespace

Result<Quote> parse_quote(ByteView bytes) {
  if (bytes.size() > kMaxQuoteSize) return too_large("quote: over 1 MiB");
  Quote quote;
  Reader in(bytes, "quote");
  quote.header = TRY(parse_header(in));
  quote.body = TRY(announced_body(in, quote.header));
  TRY(parse_body(in, quote.body));
  quote.signed_bytes = bytes.first(bytes.size() - in.remaining());
  Reader signature_data(TRY(in.u32le_prefixed()), "quote signature data");
  TRY(parse_signature_data(signature_data, quote));
  quote.trailing = in.rest();
  return quote;
}

const TdReport10* Quote::td_report() const {
  return std::visit(
      [](const auto& report) -> const TdReport10* {
        if constexpr (std::is_base_of_v<TdReport10, std::remove_cvref_t<decltype(report)>>) {
          return &report;
        } else {
          return nullptr;
        }
      },
      body);
}

const TdReport15Extra* Quote::td_report_15() const {
  return std::visit(
      [](const auto& report) -> const TdReport15Extra* {
        if constexpr (std::is_base_of_v<TdReport15Extra, std::remove_cvref_t<decltype(report)>>) {
          return &report;
        } else {
          return nullptr;
        }
      },
      body);
}

const EnclaveReport* Quote::enclave_report() const { return std::get_if<EnclaveReport>(&body); }

const ByteArray<64>& Quote::report_data() const {
  return std::visit([](const auto& report) -> const ByteArray<64>& { return report.report_data; },
                    body);
}

BodyType Quote::body_type() const { return static_cast<BodyType>(body.index() + 1); }

Bytes serialise(const Quote& quote) {
  Writer out;
  FieldWriter fields(out);
  quote_header_fields(quote.header, fields);

  Writer body;
  FieldWriter body_writer(body);
  std::visit([&](const auto& report) { body_fields(report, body_writer); }, quote.body);
  if (quote.header.version == 5) {
    out.u16le(static_cast<uint16_t>(quote.body_type()));
    out.u32le(static_cast<uint32_t>(body.size()));
  }
  out.bytes(body.view());

  Writer qe_part;
  FieldWriter qe_fields(qe_part);
  enclave_report_fields(quote.qe_report, qe_fields);
  qe_part.bytes(quote.qe_report_signature);
  qe_part.u16le(static_cast<uint16_t>(quote.qe_authentication_data.size()));
  qe_part.bytes(quote.qe_authentication_data);
  qe_part.u16le(static_cast<uint16_t>(quote.certification_data_type));
  qe_part.u32le(static_cast<uint32_t>(quote.certification_data.size()));
  qe_part.bytes(quote.certification_data);

  Writer signature_data;
  signature_data.bytes(quote.signature).bytes(quote.attestation_key);
  if (quote.header.version > 3) {
    signature_data.u16le(static_cast<uint16_t>(CertificationDataType::qe_report));
    signature_data.u32le(static_cast<uint32_t>(qe_part.size()));
  }
  signature_data.bytes(qe_part.view());

  out.u32le(static_cast<uint32_t>(signature_data.size()));
  out.bytes(signature_data.view());
  out.bytes(quote.trailing);
  return out.take();
}

}  // namespace quoin
