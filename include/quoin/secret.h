// Memory for secrets: keys, and what keys are made from.

#ifndef QUOIN_SECRET_H_
#define QUOIN_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "quoin/bytes.h"

namespace quoin {

// Overwrites the bytes with zeros, in a way that the compiler does not leave out.
void wipe(std::span<uint8_t> bytes);

// N secret bytes, zero at first. Wipes itself at its end and when it is moved from. Cannot be
// copied, compared or printed; whoever needs the bytes asks for a view, and wipes what they copy
// out of it. Not thread-safe.
template <size_t N>
class Secret {
 public:
  Secret() = default;
  ~Secret() { wipe(bytes_); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }

  static constexpr size_t size() { return N; }

  // Valid as long as the object is.
  std::span<const uint8_t, N> view() const { return bytes_; }
  std::span<uint8_t, N> mutable_view() { return bytes_; }

 private:
  ByteArray<N> bytes_{};
};

// The same for a size that is known only at run time. It never changes: growing would leave
// copies behind.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(size_t size) : bytes_(std::make_unique<uint8_t[]>(size)), size_(size) {}
  ~SecretBytes() { wipe(mutable_view()); }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      wipe(mutable_view());
      bytes_ = std::move(other.bytes_);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }

  size_t size() const { return size_; }

  // Valid until the object is destroyed, moved from, or assigned to.
  ByteView view() const { return {bytes_.get(), size_}; }
  std::span<uint8_t> mutable_view() { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  size_t size_ = 0;
};

}  // namespace quoin

#endif  // QUOIN_SECRET_H_
