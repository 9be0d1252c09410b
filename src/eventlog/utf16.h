// UTF-16, as UEFI writes names.

#ifndef QUOIN_SRC_EVENTLOG_UTF16_H_
#define QUOIN_SRC_EVENTLOG_UTF16_H_

#include <optional>
#include <string>

#include "quoin/bytes.h"

namespace quoin {

// UTF-16LE as UTF-8; none for an odd number of bytes or a surrogate without its other half.
std::optional<std::string> utf8_from_utf16le(ByteView bytes);

}  // namespace quoin

#endif  // QUOIN_SRC_EVENTLOG_UTF16_H_
