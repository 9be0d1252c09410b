#include "src/verify/quoted_platform.h"

#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

constexpr std::string_view kLabel = "CERTIFICATE";

bool has_certificates(const Quote& quote) {
  return quote.certification_data_type == CertificationDataType::pck_chain;
}

size_t first_certificate_size(const Quote& quote) {
  return x509::first_block_size(as_text(quote.certification_data), kLabel);
}

Error not_three(size_t count) {
  return unsupported("type 5, " + std::to_string(count) + " certificates");
}

// A quote carries the platform's certificates as certification data of type 5; the other types
// would have us fetch them. What is read ends with the first block, so it is one certificate.
Result<x509::Chain> read_first(const Quote& quote) {
  if (!has_certificates(quote)) {
    return unsupported("type " +
                       std::to_string(static_cast<uint16_t>(quote.certification_data_type)));
  }
  const std::string_view text = as_text(quote.certification_data);
  return x509::Chain::parse_pem(text.substr(0, first_certificate_size(quote)));
}

Result<std::shared_ptr<const x509::Chain>> read_others(const Quote& quote) {
  Result<x509::Chain> chain = x509::Chain::parse_pem(shared_certificates(quote));
  if (!chain.ok() && chain.error().code == ErrorCode::not_found) return not_three(1);
  auto others = std::make_shared<const x509::Chain>(TRY(std::move(chain)));
  const size_t count = others->certificates().size();
  if (count != 2) return not_three(1 + count);
  return others;
}

bool is_ca_signed_by_root(const PckChain& chain, const CollateralSignatures& collateral) {
  if (collateral.pck_ca != nullptr && equal(collateral.pck_ca->encoded, chain.ca.encoded) &&
      collateral.pck_ca_by_root.key == chain.root.public_key) {
    return collateral.pck_ca_by_root.holds;
  }
  return is_signed_by(chain.root, chain.ca.tbs, chain.ca.signature);
}

bool is_pck_signed_by_ca(const PckChain& chain, const CollateralSignatures& collateral) {
  if (const P256PublicKey* ca = collateral.keys.find(chain.ca.public_key)) {
    return ca->verify(chain.pck.tbs, chain.pck.signature);
  }
  return is_signed_by(chain.ca, chain.pck.tbs, chain.pck.signature);
}

PckChain chain_of(const x509::Chain& first, const x509::Chain& others) {
  return find_pck_chain(
      {&first.certificates()[0], &others.certificates()[0], &others.certificates()[1]});
}

}  // namespace

PckChain QuotedPlatform::pck_chain() const { return chain_of(first, *others); }

Result<QuotedPlatform> read_quoted_platform(const Quote& quote,
                                            const CollateralSignatures& collateral,
                                            std::shared_ptr<const x509::Chain> others) {
  x509::Chain first = TRY(read_first(quote));
  if (!others) others = TRY(read_others(quote));
  const PckChain chain = chain_of(first, *others);
  Result<x509::SgxExtension> extension = x509::parse_sgx_extension(chain.pck.sgx_extension);
  const PckChainSignatures signatures = {
      .ca_by_root = is_ca_signed_by_root(chain, collateral),
      .pck_by_ca = is_pck_signed_by_ca(chain, collateral),
  };
  const bool qe_report_by_pck =
      is_signed_by(chain.pck, quote.qe_report_bytes, quote.qe_report_signature);
  Result<P256PublicKey> attestation_key = P256PublicKey::from_point(quote.attestation_key);

  QuotedPlatform platform = {.first = std::move(first),
                             .others = std::move(others),
                             .sgx_extension = std::move(extension),
                             .pck_chain_signatures = signatures,
                             .qe_report_by_pck = qe_report_by_pck,
                             .attestation_key = std::nullopt};
  if (attestation_key.ok()) platform.attestation_key = std::move(attestation_key).value();
  return platform;
}

std::string_view shared_certificates(const Quote& quote) {
  if (!has_certificates(quote)) return {};
  return as_text(quote.certification_data).substr(first_certificate_size(quote));
}

Sha256Digest platform_key(const Quote& quote) {
  // The length keeps the two parts of variable size apart.
  const auto size = static_cast<uint16_t>(quote.qe_authentication_data.size());
  const ByteArray<4> prefix = {static_cast<uint8_t>(size), static_cast<uint8_t>(size >> 8),
                               static_cast<uint8_t>(quote.certification_data_type),
                               static_cast<uint8_t>(quote.header.version)};
  return sha256({prefix, quote.attestation_key, quote.qe_report_bytes, quote.qe_report_signature,
                 quote.qe_authentication_data, quote.certification_data});
}

}  // namespace quoin
