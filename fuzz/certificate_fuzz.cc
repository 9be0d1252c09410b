// A certificate that is read is signed over a part of itself, and reads the same again.

#include "src/x509/certificate.h"

#include <cstdlib>

#include "src/x509/sgx_extension.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::x509::parse_certificate;
  const auto certificate = parse_certificate({data, size});
  if (!certificate.ok()) return 0;
  const auto again = parse_certificate(certificate->encoded);
  const bool inside = certificate->tbs.data() >= data &&
                      certificate->tbs.data() + certificate->tbs.size() <= data + size;
  const bool same = again.ok() && again->signature == certificate->signature &&
                    again->subject == certificate->subject;
  if (!inside || !same || certificate->serial.empty()) std::abort();
  // Whatever it says must not harm us.
  if (quoin::x509::parse_sgx_extension(certificate->sgx_extension).ok() &&
      certificate->sgx_extension.empty()) {
    std::abort();
  }
  return 0;
}
