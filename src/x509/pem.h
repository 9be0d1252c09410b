// PEM (RFC 7468), as chains of certificates come.

#ifndef QUOIN_SRC_X509_PEM_H_
#define QUOIN_SRC_X509_PEM_H_

#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin::x509 {

// The blocks of that label ("CERTIFICATE"), decoded, in order, at most `max_blocks`. Between blocks
// only blanks and line breaks may stand, and behind the last one a single NUL byte may: real
// quotes have it. Fails with malformed, not_found (no block), or too_large (more
// blocks, or over 8 MiB).
Result<std::vector<Bytes>> parse_pem(std::string_view text, std::string_view label,
                                     size_t max_blocks);

// Where the first block of `text` ends: behind its END boundary, at most at the end of the text.
// What stands behind it can be read by itself: parse_pem() reads both halves where it reads the
// whole.
size_t first_block_size(std::string_view text, std::string_view label);

// One block, with lines of 64 characters.
std::string to_pem(ByteView der, std::string_view label);

}  // namespace quoin::x509

#endif  // QUOIN_SRC_X509_PEM_H_
