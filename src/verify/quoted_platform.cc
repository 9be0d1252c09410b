#include "src/verify/quoted_platform.h"

#include <string>
#include <utility>

#include "src/base/error.h"
#include "src/base/try.h"

namespace quoin {
namespace {

// A quote carries the platform's certificates as certification data of type 5; the other types
// would have us fetch them.
Result<x509::Chain> read_certificates(const Quote& quote) {
  if (quote.certification_data_type != CertificationDataType::pck_chain) {
    return unsupported("type " +
                       std::to_string(static_cast<uint16_t>(quote.certification_data_type)));
  }
  x509::Chain chain = TRY(x509::Chain::parse_pem(as_text(quote.certification_data)));
  const size_t count = chain.certificates().size();
  if (count != 3) return unsupported("type 5, " + std::to_string(count) + " certificates");
  return chain;
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

}  // namespace

Result<QuotedPlatform> read_quoted_platform(const Quote& quote,
                                            const CollateralSignatures& collateral) {
  x509::Chain certificates = TRY(read_certificates(quote));
  const PckChain chain = find_pck_chain(certificates.certificates());
  Result<x509::SgxExtension> extension = x509::parse_sgx_extension(chain.pck.sgx_extension);
  const PckChainSignatures signatures = {
      .ca_by_root = is_ca_signed_by_root(chain, collateral),
      .pck_by_ca = is_pck_signed_by_ca(chain, collateral),
  };
  const bool qe_report_by_pck =
      is_signed_by(chain.pck, quote.qe_report_bytes, quote.qe_report_signature);
  Result<P256PublicKey> attestation_key = P256PublicKey::from_point(quote.attestation_key);

  QuotedPlatform platform = {.certificates = std::move(certificates),
                             .sgx_extension = std::move(extension),
                             .pck_chain_signatures = signatures,
                             .qe_report_by_pck = qe_report_by_pck,
                             .attestation_key = std::nullopt};
  if (attestation_key.ok()) platform.attestation_key = std::move(attestation_key).value();
  return platform;
}

}  // namespace quoin
