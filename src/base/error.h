// Short ways to make an Error.

#ifndef QUOIN_SRC_BASE_ERROR_H_
#define QUOIN_SRC_BASE_ERROR_H_

#include <string>
#include <utility>

#include "quoin/result.h"

namespace quoin {

inline Error malformed(std::string what) { return {ErrorCode::malformed, std::move(what)}; }
inline Error unsupported(std::string what) { return {ErrorCode::unsupported, std::move(what)}; }
inline Error too_large(std::string what) { return {ErrorCode::too_large, std::move(what)}; }

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_ERROR_H_
