#include "src/receipt/report_data.h"

#include <string>

#include "src/base/writer.h"
#include "src/crypto/sha2.h"

namespace quoin {

Bytes pre_authentication_encoding(std::string_view type, ByteView body) {
  Writer out;
  out.bytes(as_bytes("DSSEv1 "));
  out.bytes(as_bytes(std::to_string(type.size()))).bytes(as_bytes(" "));
  out.bytes(as_bytes(type)).bytes(as_bytes(" "));
  out.bytes(as_bytes(std::to_string(body.size()))).bytes(as_bytes(" "));
  out.bytes(body);
  return out.take();
}

ByteArray<64> report_data_for(std::string_view type, ByteView body) {
  return sha512(pre_authentication_encoding(type, body));
}

}  // namespace quoin
