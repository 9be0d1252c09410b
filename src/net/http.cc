#include "src/net/http.h"

#include "src/base/error.h"
#include "src/base/hex.h"

namespace quoin::net {

const std::string* HttpResponse::header(std::string_view name) const {
  const std::string* found = nullptr;
  for (const HttpHeader& header : headers) {
    if (header.name != name) continue;
    if (found != nullptr) return nullptr;
    found = &header.value;
  }
  return found;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    if (text.front() != '%') {
      decoded += text.front();
      text.remove_prefix(1);
      continue;
    }
    ByteArray<1> byte{};
    if (text.size() < 3 || !from_hex(text.substr(1, 2), byte).ok()) {
      return malformed("percent-encoding: no two hex digits behind %");
    }
    decoded += as_text(byte);
    text.remove_prefix(3);
  }
  return decoded;
}

}  // namespace quoin::net
