// Quotes of every version, the other direction of parse_quote(), signed on the way. What a quote
// says, what signs it and which sizes it claims are all settings, so that tests can make quotes
// that are wrong in one way.

#ifndef QUOIN_SRC_SIMULATOR_QUOTE_WRITER_H_
#define QUOIN_SRC_SIMULATOR_QUOTE_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/simulator/derive.h"
#include "src/simulator/pki.h"

namespace quoin::simulator {

using QuoteBody = decltype(Quote::body);

// Sizes and types that the quote claims instead of the true ones.
struct QuoteLies {
  std::optional<uint16_t> body_type = {};  // version 5 only
  std::optional<uint32_t> body_size = {};  // version 5 only
  std::optional<uint32_t> signature_data_size = {};
  std::optional<uint16_t> outer_certification_data_type = {};  // versions 4 and 5
  std::optional<uint32_t> outer_certification_data_size = {};  // versions 4 and 5
  std::optional<uint16_t> qe_authentication_data_size = {};
  std::optional<uint32_t> certification_data_size = {};
};

struct QuoteParts {
  QuoteHeader header;
  QuoteBody body;
  // Its report_data is made from the attestation key, unless `bind_attestation_key` is off.
  EnclaveReport qe_report;
  bool bind_attestation_key = true;
  Bytes qe_authentication_data;  // at most 65535 bytes
  CertificationDataType certification_data_type = CertificationDataType::pck_chain;
  Bytes certification_data;
  Bytes trailing;
  // Labels of keys (SigningKey::derive): the one that stands in the quote, the one that signs it,
  // and the one that signs the QE report.
  std::string attestation_key = std::string(kAttestationKey);
  std::string signed_by = std::string(kAttestationKey);
  std::string qe_report_signed_by = std::string(kPckKey);
  QuoteLies lies;
};

// The quote's bytes. The layout follows header.version: 3 puts the QE report into the signature
// data itself, 5 puts a type and a size before the body, every other version is written as 4.
Bytes write_quote(const Seed& seed, const QuoteParts& parts);

// The body of that type for a TDREPORT. Fails with invalid_argument for an SGX type. What type 4
// adds over TDREPORT stays zero.
Result<QuoteBody> td_quote_body(const TdReportStruct& report, BodyType type);

// The body that Intel's TD quoting enclave chooses (quoting_enclave_tdqe.cpp): 1.0, to be sent in
// version 4, when no service TD is bound and the module that runs is the one that was launched;
// else 1.5, to be sent in version 5. Fails with unsupported for a TEE_TCB_INFO.VALID that it does
// not know.
Result<QuoteBody> td_quote_body(const TdReportStruct& report);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_QUOTE_WRITER_H_
