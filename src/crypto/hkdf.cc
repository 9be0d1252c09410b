#include "src/crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <string>
#include <vector>

#include "src/crypto/openssl_error.h"
#include "src/crypto/openssl_pointer.h"
#include "src/crypto/secret.h"

namespace quoin {
namespace {

// Freeing one wipes what was made of the key.
using Context = OpenSslPointer<EVP_KDF_CTX, EVP_KDF_CTX_free>;

// Fetched once and never freed: a lookup by name takes a lock.
EVP_KDF* algorithm() {
  static EVP_KDF* const fetched = EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr);
  return fetched;
}

// OpenSSL reads from here and does not write, whatever its type says.
OSSL_PARAM parameter(const char* name, ByteView bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(bytes.data()), bytes.size());
}

Result<void> derive(std::array<char, 7> hash, size_t max_size, const HkdfInput& input,
                    std::span<uint8_t> out) {
  wipe(out);
  if (out.empty() || out.size() > max_size) {
    return Error{ErrorCode::invalid_argument, "HKDF gives 1 to " + std::to_string(max_size) +
                                                  " bytes, not " + std::to_string(out.size())};
  }
  if (input.key.empty()) return Error{ErrorCode::invalid_argument, "HKDF: the key is empty"};
  const ErrorMark mark;
  const Context context(EVP_KDF_CTX_new(algorithm()));
  std::vector parameters = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash.data(), 0),
                            parameter(OSSL_KDF_PARAM_KEY, input.key)};
  // OpenSSL does not take an empty one.
  if (!input.salt.empty()) parameters.push_back(parameter(OSSL_KDF_PARAM_SALT, input.salt));
  if (!input.info.empty()) parameters.push_back(parameter(OSSL_KDF_PARAM_INFO, input.info));
  parameters.push_back(OSSL_PARAM_construct_end());
  if (!context || EVP_KDF_derive(context.get(), out.data(), out.size(), parameters.data()) != 1) {
    wipe(out);
    return crypto_failed("cannot do HKDF");
  }
  return {};
}

}  // namespace

Result<void> hkdf_sha256(const HkdfInput& input, std::span<uint8_t> out) {
  return derive({"SHA256"}, kMaxHkdfSha256Bytes, input, out);
}

Result<void> hkdf_sha384(const HkdfInput& input, std::span<uint8_t> out) {
  return derive({"SHA384"}, kMaxHkdfSha384Bytes, input, out);
}

}  // namespace quoin
