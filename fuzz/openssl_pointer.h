// OpenSSL's objects, which the targets that compare with OpenSSL own.

#ifndef QUOIN_FUZZ_OPENSSL_POINTER_H_
#define QUOIN_FUZZ_OPENSSL_POINTER_H_

#include <openssl/asn1.h>
#include <openssl/crypto.h>

#include <cstdint>
#include <memory>

#include "quoin/bytes.h"

namespace quoin::fuzz {

template <auto kFree>
struct Deleter {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};

template <typename T, auto kFree>
using OpensslPointer = std::unique_ptr<T, Deleter<kFree>>;

// What `decode`, one of OpenSSL's d2i functions, reads of `der`; null when it refuses.
template <auto kFree, typename T>
OpensslPointer<T, kFree> decode_all(T* (*decode)(T**, const unsigned char**, long), ByteView der) {
  const unsigned char* position = der.data();
  return OpensslPointer<T, kFree>(decode(nullptr, &position, static_cast<long>(der.size())));
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

#endif  // QUOIN_FUZZ_OPENSSL_POINTER_H_
