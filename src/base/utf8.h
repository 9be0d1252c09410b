// UTF-8 (RFC 3629), strict.

#ifndef QUOIN_SRC_BASE_UTF8_H_
#define QUOIN_SRC_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace quoin {

// How many bytes the character takes that `text` begins with: 1 to 4, or 0 when what stands there
// is not one character in its shortest form, or is a surrogate, or over U+10FFFF, or cut off.
size_t utf8_length(std::string_view text);

// Appends a character, which must be at most U+10FFFF and no surrogate.
void append_utf8(std::string& text, char32_t character);

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_UTF8_H_
