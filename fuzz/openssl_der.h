// What OpenSSL reads and writes as DER, for the targets that compare with it.

#ifndef QUOIN_FUZZ_OPENSSL_DER_H_
#define QUOIN_FUZZ_OPENSSL_DER_H_

#include <openssl/asn1.h>
#include <openssl/crypto.h>

#include <cstdint>

#include "quoin/bytes.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin::fuzz {

// What `decode`, one of OpenSSL's d2i functions, reads of `der`; null when it refuses.
template <auto kFree, typename T>
OpenSslPointer<T, kFree> decode_all(T* (*decode)(T**, const unsigned char**, long), ByteView der) {
  const unsigned char* position = der.data();
  return OpenSslPointer<T, kFree>(decode(nullptr, &position, static_cast<long>(der.size())));
}

// What `encode`, one of OpenSSL's i2d functions, writes of `object`; empty when it fails.
template <typename T>
Bytes encode_all(int (*encode)(const T*, unsigned char**), const T* object) {
  unsigned char* written = nullptr;
  const int size = encode(object, &written);
  if (size <= 0) return {};
  Bytes bytes(written, written + size);
  OPENSSL_free(written);
  return bytes;
}

}  // namespace quoin::fuzz

#endif  // QUOIN_FUZZ_OPENSSL_DER_H_
