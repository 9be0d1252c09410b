#include "src/crypto/aes_gcm.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "src/crypto/openssl_error.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin {
namespace {

// Freeing one wipes the key schedule.
using Context = OpenSslPointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// Fetched once and never freed: a lookup by name takes a lock.
const EVP_CIPHER* algorithm() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return fetched;
}

Error aes_gcm_failed() { return crypto_failed("cannot do AES-256-GCM"); }

Result<void> check_sizes(size_t plaintext_size, ByteView associated_data, size_t sealed_size) {
  constexpr size_t kMax = Aes256Gcm::kMaxMessageBytes;
  if (sealed_size < Aes256Gcm::kTagBytes || sealed_size - Aes256Gcm::kTagBytes != plaintext_size) {
    return Error{ErrorCode::invalid_argument, "AES-256-GCM: " + std::to_string(sealed_size) +
                                                  " bytes for " + std::to_string(plaintext_size) +
                                                  " and a tag of 16"};
  }
  if (plaintext_size > kMax || associated_data.size() > kMax) {
    return Error{ErrorCode::too_large, "AES-256-GCM: more than 1 GiB in one message"};
  }
  return {};
}

}  // namespace

struct Aes256Gcm::State {
  // At most kMaxMessageBytes. Where there is no `out` it is associated data.
  bool update(ByteView in, uint8_t* out) const {
    int size = 0;
    return in.empty() || (EVP_CipherUpdate(context.get(), out, &size, in.data(),
                                           static_cast<int>(in.size())) == 1 &&
                          static_cast<size_t>(size) == in.size());
  }

  // GCM has nothing to write at the end, but OpenSSL wants a place for it.
  bool finish() const {
    uint8_t nothing = 0;
    int size = 0;
    return EVP_CipherFinal_ex(context.get(), &nothing, &size) == 1;
  }

  Context context;
};

Aes256Gcm::Aes256Gcm(const Secret<32>& key)
    : state_(std::make_unique<State>(Context(EVP_CIPHER_CTX_new()))) {
  // The nonce's size is GCM's default, and the direction is chosen for each message.
  if (!state_->context || EVP_EncryptInit_ex2(state_->context.get(), algorithm(), key.view().data(),
                                              nullptr, nullptr) != 1) {
    std::abort();
  }
}
Aes256Gcm::~Aes256Gcm() = default;
Aes256Gcm::Aes256Gcm(Aes256Gcm&&) noexcept = default;
Aes256Gcm& Aes256Gcm::operator=(Aes256Gcm&&) noexcept = default;

Result<void> Aes256Gcm::seal(const Nonce& nonce, ByteView associated_data, ByteView plaintext,
                             std::span<uint8_t> out) {
  Result<void> checked = check_sizes(plaintext.size(), associated_data, out.size());
  const ErrorMark mark;
  EVP_CIPHER_CTX* const context = state_->context.get();
  const bool done =
      checked.ok() && EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
      state_->update(associated_data, nullptr) && state_->update(plaintext, out.data()) &&
      state_->finish() &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, out.last(kTagBytes).data()) ==
          1;
  if (done) return {};
  wipe(out);
  if (!checked.ok()) return checked;
  return aes_gcm_failed();
}

Result<void> Aes256Gcm::open(const Nonce& nonce, ByteView associated_data, ByteView sealed,
                             std::span<uint8_t> out) {
  Result<void> checked = check_sizes(out.size(), associated_data, sealed.size());
  if (!checked.ok()) {
    wipe(out);
    return checked;
  }
  const ErrorMark mark;
  EVP_CIPHER_CTX* const context = state_->context.get();
  ByteArray<kTagBytes> tag{};
  std::ranges::copy(sealed.last(kTagBytes), tag.begin());
  const bool started =
      EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
      state_->update(associated_data, nullptr) &&
      state_->update(sealed.first(out.size()), out.data());
  if (started && state_->finish()) return {};
  wipe(out);
  if (!started) return aes_gcm_failed();
  return Error{ErrorCode::refused, "AES-256-GCM: the tag does not fit"};
}

}  // namespace quoin
