#include "src/receipt/report_data.h"

#include <string>

#include "src/base/hex.h"
#include "src/base/writer.h"
#include "src/crypto/sha2.h"
#include "src/receipt/rules.h"
#include "src/verify/check_list.h"

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

Check check_quoted_data(const Quote& quote, const ByteArray<64>& wanted) {
  CheckList checks(Detail::every_check);
  checks.add(receipt_rules::kQuotedData, quote.report_data() == wanted,
             [&] { return CheckText{to_hex(quote.report_data()), to_hex(wanted)}; });
  return checks.take().front();
}

}  // namespace quoin
