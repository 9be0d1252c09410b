// Every serial number on a CRL that is read is found on it again.

#include "src/x509/crl.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto crl = quoin::x509::parse_crl({data, size});
  if (!crl.ok()) return 0;
  const auto on_the_list = [&](quoin::ByteView serial) { return crl->is_revoked(serial); };
  if (!std::ranges::all_of(crl->revoked, on_the_list)) std::abort();
  if (crl->is_revoked({})) std::abort();
  return 0;
}
