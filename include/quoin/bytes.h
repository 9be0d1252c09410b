// The two byte types that everything else is made of.

#ifndef QUOIN_BYTES_H_
#define QUOIN_BYTES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace quoin {

// A view of bytes that somebody else owns. It is valid as long as they are.
using ByteView = std::span<const uint8_t>;

// Bytes that we own. Not for secrets: see quoin/secret.h.
using Bytes = std::vector<uint8_t>;

// A digest or any other field of a fixed size.
template <size_t N>
using ByteArray = std::array<uint8_t, N>;

// The characters of `text` as bytes. The view is valid as long as the text is.
ByteView as_bytes(std::string_view text);

// The bytes as characters, with no claim that they are printable. The view is valid as long as
// the bytes are.
std::string_view as_text(ByteView bytes);

// Whether two byte strings are equal. Not constant time: for public data only.
bool equal(ByteView a, ByteView b);

// Whether every byte is zero. True for no bytes.
bool all_zero(ByteView bytes);

}  // namespace quoin

#endif  // QUOIN_BYTES_H_
