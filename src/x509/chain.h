// A chain of certificates that keeps the bytes it was read from.

#ifndef QUOIN_SRC_X509_CHAIN_H_
#define QUOIN_SRC_X509_CHAIN_H_

#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/x509/certificate.h"

namespace quoin::x509 {

// Certificates in the order in which they stood, with the bytes that they point into. Movable, not
// copyable: the views stay valid. Immutable use is thread-safe.
class Chain {
 public:
  // Reads PEM, at most kMaxCertificates. Fails as x509::parse_pem() and parse_certificate() do.
  static Result<Chain> parse_pem(std::string_view text);

  Chain() = default;
  Chain(Chain&&) noexcept = default;
  Chain& operator=(Chain&&) noexcept = default;
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  const std::vector<Certificate>& certificates() const { return certificates_; }

  static constexpr size_t kMaxCertificates = 8;

 private:
  std::vector<Bytes> encoded_;
  std::vector<Certificate> certificates_;
};

}  // namespace quoin::x509

#endif  // QUOIN_SRC_X509_CHAIN_H_
