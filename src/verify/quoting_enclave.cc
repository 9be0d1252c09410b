#include "src/verify/quoting_enclave.h"

#include <string>

#include "src/base/hex.h"
#include "src/crypto/sha2.h"
#include "src/verify/rules.h"

namespace quoin {
namespace {

std::string_view name_of(QeIdentityId id) {
  switch (id) {
    case QeIdentityId::qe:
      return "QE";
    case QeIdentityId::qve:
      return "QVE";
    case QeIdentityId::td_qe:
      break;
  }
  return "TD_QE";
}

std::string hex32(uint32_t value) {
  const ByteArray<4> bytes = {static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16),
                              static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
  return to_hex(bytes);
}

template <size_t N>
ByteArray<N> masked(const ByteArray<N>& value, const ByteArray<N>& mask) {
  ByteArray<N> result{};
  for (size_t i = 0; i < N; ++i) result[i] = value[i] & mask[i];
  return result;
}

// Version 1 has no "TD_QE"; version 2 has one identity for each kind of TEE (4.1.2.5.15).
bool check_qe_identity_tee(CheckList& checks, const Quote& quote, const QeIdentity& identity) {
  const QeIdentityId wanted =
      quote.header.tee_type == TeeType::tdx ? QeIdentityId::td_qe : QeIdentityId::qe;
  const bool passed =
      identity.id == wanted && (wanted == QeIdentityId::qe || identity.version >= 2);
  return checks.add(rules::kQeIdentityTee, passed, [&] {
    return CheckText{
        std::string(name_of(identity.id)) + ", version " + std::to_string(identity.version),
        std::string(name_of(wanted))};
  });
}

}  // namespace

void check_qe_report(CheckList& checks, const Quote& quote, bool is_signed) {
  checks.add(rules::kQeReportSignature, is_signed, [&] {
    return CheckText{is_signed ? "holds" : "does not hold",
                     "holds under the PCK certificate's key"};
  });

  // Intel compares the first 32 bytes and does not look at the others.
  const Sha256Digest wanted = sha256({quote.attestation_key, quote.qe_authentication_data});
  const ByteView seen = ByteView(quote.qe_report.report_data).first(wanted.size());
  checks.add(rules::kQeReportData, equal(seen, wanted), [&] {
    return CheckText{to_hex(seen),
                     to_hex(wanted) + ", SHA-256 of attestation key and QE authentication data"};
  });
}

bool check_qe_identity(CheckList& checks, const Quote& quote, const QeIdentity& identity) {
  const EnclaveReport& report = quote.qe_report;
  const bool tee = check_qe_identity_tee(checks, quote, identity);
  const uint32_t miscselect = report.miscselect & identity.miscselect_mask;
  checks.add(rules::kQeMiscselect, miscselect == identity.miscselect,
             [&] { return CheckText{hex32(miscselect), hex32(identity.miscselect)}; });
  const ByteArray<16> attributes = masked(report.attributes, identity.attributes_mask);
  checks.add(rules::kQeAttributes, attributes == identity.attributes,
             [&] { return CheckText{to_hex(attributes), to_hex(identity.attributes)}; });
  checks.add(rules::kQeMrSigner, report.mr_signer == identity.mr_signer,
             [&] { return CheckText{to_hex(report.mr_signer), to_hex(identity.mr_signer)}; });
  checks.add(rules::kQeIsvProdId, report.isv_prod_id == identity.isv_prod_id, [&] {
    return CheckText{std::to_string(report.isv_prod_id), std::to_string(identity.isv_prod_id)};
  });
  return tee;
}

void check_quote_signature(CheckList& checks, const Quote& quote, const P256PublicKey* key) {
  const bool holds = key != nullptr && key->verify(quote.signed_bytes, quote.signature);
  checks.add(rules::kQuoteSignature, holds, [&] {
    return CheckText{key == nullptr ? "the attestation key is not on the curve"
                     : holds        ? "holds"
                                    : "does not hold",
                     "holds under the attestation key"};
  });
}

}  // namespace quoin
