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

constexpr uint8_t kDerSequence = 0x30;  // what a certificate in DER begins with, and PEM never does

}  // namespace

const TrustRoot& TrustRoot::intel() {
  static const TrustRoot root = TrustRoot::parse(intel_root_certificate()).value();
  return root;
}

Result<TrustRoot> TrustRoot::parse(ByteView pem_or_der) {
  TrustRoot root;
  if (!pem_or_der.empty() && pem_or_der.front() == kDerSequence) {
    root.certificate_.assign(pem_or_der.begin(), pem_or_der.end());
  } else {
    auto blocks = x509::parse_pem(as_text(pem_or_der), "CERTIFICATE", 1);
    if (!blocks.ok()) {
      return Error{ErrorCode::malformed, "trust root: neither DER nor PEM: " + blocks.error().what,
                   "wanted one certificate, and nothing else in the file"};
    }
    root.certificate_ = std::move(blocks.value().front());
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
