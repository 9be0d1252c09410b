#include "src/x509/chain.h"

#include <utility>

#include "src/base/try.h"
#include "src/x509/pem.h"

namespace quoin::x509 {

Result<Chain> Chain::parse_pem(std::string_view text) {
  Chain chain;
  chain.encoded_ = TRY(x509::parse_pem(text, "CERTIFICATE", kMaxCertificates));
  chain.certificates_.reserve(chain.encoded_.size());
  for (const Bytes& der : chain.encoded_) {
    chain.certificates_.push_back(TRY(parse_certificate(der)));
  }
  return chain;
}

}  // namespace quoin::x509
