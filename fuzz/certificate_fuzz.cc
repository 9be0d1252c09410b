// A certificate that is read says what OpenSSL reads in it, and is signed over a part of itself.

#include "src/x509/certificate.h"

#include <openssl/ecdsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>

#include "fuzz/openssl_der.h"
#include "fuzz/require.h"
#include "src/x509/der.h"
#include "src/x509/sgx_extension.h"

namespace {

using quoin::Bytes;
using quoin::ByteView;
using quoin::fuzz::encode_all;
using quoin::fuzz::require;
using quoin::x509::Certificate;

ByteView octets(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<size_t>(ASN1_STRING_length(string))};
}

bool is_time(quoin::UtcTime ours, const ASN1_TIME* theirs) {
  return ASN1_TIME_cmp_time_t(theirs, ours.time_since_epoch().count()) == 0;
}

void compare_with_openssl(const Certificate& ours) {
  const auto decoded = quoin::fuzz::decode_all<X509_free>(d2i_X509, ours.encoded);
  require(decoded != nullptr);
  X509* theirs = decoded.get();
  require(X509_get_version(theirs) == X509_VERSION_3);
  require(
      quoin::equal(encode_all(i2d_X509_NAME, X509_get_issuer_name(theirs)), ours.issuer.encoded));
  require(
      quoin::equal(encode_all(i2d_X509_NAME, X509_get_subject_name(theirs)), ours.subject.encoded));
  const Bytes serial = encode_all(i2d_ASN1_INTEGER, X509_get0_serialNumber(theirs));
  require(serial.size() > 2 && quoin::equal(ByteView(serial).subspan(2), ours.serial));
  require(is_time(ours.not_before, X509_get0_notBefore(theirs)));
  require(is_time(ours.not_after, X509_get0_notAfter(theirs)));
  require(quoin::equal(octets(X509_get0_pubkey_bitstr(theirs)).subspan(1), ours.public_key));
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, theirs);
  require(OBJ_obj2nid(algorithm->algorithm) == NID_ecdsa_with_SHA256);
  const auto raw = quoin::der::parse_ecdsa_signature(octets(signature));
  require(raw.ok() && *raw == ours.signature);
  // OpenSSL refuses also what it does not understand in extensions that we step over.
  if ((X509_get_extension_flags(theirs) & EXFLAG_INVALID) != 0) return;
  constexpr unsigned kKeyCertSign = 5;
  const bool may_sign = !ours.key_usage || (*ours.key_usage >> kKeyCertSign & 1) != 0;
  const bool is_ca = ours.basic_constraints && ours.basic_constraints->ca;
  require((X509_check_ca(theirs) == 1) == (is_ca && may_sign));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto certificate = quoin::x509::parse_certificate({data, size});
  if (!certificate.ok()) return 0;
  require(certificate->encoded.data() == data && certificate->encoded.size() == size);
  require(certificate->tbs.data() > data);
  require(certificate->tbs.data() + certificate->tbs.size() < data + size);
  require(!certificate->serial.empty());
  compare_with_openssl(*certificate);
  // Whatever it says must not harm us.
  if (certificate->sgx_extension.empty()) {
    require(!quoin::x509::parse_sgx_extension(certificate->sgx_extension).ok());
  }
  return 0;
}
