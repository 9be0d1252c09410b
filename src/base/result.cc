#include "quoin/result.h"

namespace quoin {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed:
      return "malformed";
    case ErrorCode::truncated:
      return "truncated";
    case ErrorCode::trailing_bytes:
      return "trailing_bytes";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::permission:
      return "permission";
    case ErrorCode::io:
      return "io";
    case ErrorCode::timed_out:
      return "timed_out";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::crypto:
      return "crypto";
    case ErrorCode::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace quoin
