// A CRL that is read has the serial numbers that OpenSSL finds on it, and finds them again.

#include "src/x509/crl.h"

#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>

#include "fuzz/openssl_der.h"
#include "fuzz/require.h"

namespace {

using quoin::Bytes;
using quoin::ByteView;
using quoin::fuzz::encode_all;
using quoin::fuzz::require;

bool is_time(quoin::UtcTime ours, const ASN1_TIME* theirs) {
  return ASN1_TIME_cmp_time_t(theirs, ours.time_since_epoch().count()) == 0;
}

void compare_with_openssl(const quoin::x509::Crl& ours) {
  const auto decoded = quoin::fuzz::decode_all<X509_CRL_free>(d2i_X509_CRL, ours.encoded);
  require(decoded != nullptr);
  X509_CRL* theirs = decoded.get();
  require(X509_CRL_get_version(theirs) == X509_CRL_VERSION_2);
  require(
      quoin::equal(encode_all(i2d_X509_NAME, X509_CRL_get_issuer(theirs)), ours.issuer.encoded));
  require(is_time(ours.this_update, X509_CRL_get0_lastUpdate(theirs)));
  require(is_time(ours.next_update, X509_CRL_get0_nextUpdate(theirs)));
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(theirs);
  require(static_cast<size_t>(std::max(0, sk_X509_REVOKED_num(entries))) == ours.revoked.size());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const Bytes serial = encode_all(i2d_ASN1_INTEGER, X509_REVOKED_get0_serialNumber(entry));
    require(serial.size() > 2 && ours.is_revoked(ByteView(serial).subspan(2)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto crl = quoin::x509::parse_crl({data, size});
  if (!crl.ok()) return 0;
  require(
      std::ranges::all_of(crl->revoked, [&](ByteView serial) { return crl->is_revoked(serial); }));
  require(!crl->is_revoked({}));
  compare_with_openssl(*crl);
  return 0;
}
