#include <cstdlib>
#include <utility>

#include "quoin/verify.h"
#include "src/base/error.h"
#include "src/base/try.h"
#include "src/crypto/p256.h"
#include "src/verify/intel_root.h"
#include "src/x509/certificate.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

constexpr std::string_view kPemBegin = "-----BEGIN";

TrustRoot require_intel_root() {
  Result<TrustRoot> root = TrustRoot::parse(intel_root_certificate());
  if (!root.ok()) std::abort();
  return std::move(root).value();
}

}  // namespace

const TrustRoot& TrustRoot::intel() {
  static const TrustRoot root = require_intel_root();
  return root;
}

Result<TrustRoot> TrustRoot::parse(ByteView pem_or_der) {
  TrustRoot root;
  if (as_text(pem_or_der).starts_with(kPemBegin)) {
    std::vector<Bytes> blocks = TRY(x509::parse_pem(as_text(pem_or_der), "CERTIFICATE", 1));
    root.certificate_ = std::move(blocks.front());
  } else {
    root.certificate_.assign(pem_or_der.begin(), pem_or_der.end());
  }
  const x509::Certificate certificate = TRY(x509::parse_certificate(root.certificate_));
  const P256PublicKey key = TRY(P256PublicKey::from_point(certificate.public_key));
  if (certificate.issuer != certificate.subject ||
      !key.verify(certificate.tbs, certificate.signature)) {
    return Error{ErrorCode::refused, "trust root: the certificate did not sign itself",
                 "name the root of the chain, not a certificate that it signed"};
  }
  root.common_name_ = certificate.subject.common_name;
  return root;
}

bool TrustRoot::is_simulator() const { return common_name_ == kSimulatorRootCommonName; }

}  // namespace quoin
