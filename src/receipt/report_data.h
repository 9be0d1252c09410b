// What the 64 bytes of report data may say. The one place that makes them.

#ifndef QUOIN_SRC_RECEIPT_REPORT_DATA_H_
#define QUOIN_SRC_RECEIPT_REPORT_DATA_H_

#include <string_view>

#include "quoin/bytes.h"
#include "quoin/quote.h"
#include "quoin/verify.h"

namespace quoin {

// DSSE's pre-authentication encoding (envelope.md, "PAE definition"):
// "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in ASCII decimal.
Bytes pre_authentication_encoding(std::string_view type, ByteView body);

// The type of data that `quoin quote --data` is given: the body is the data.
inline constexpr std::string_view kQuotedDataType = "urn:quoin:data:v1";

// SHA-512(PAE(type, body)). Every use has a type of its own, so that no use can stand for
// another; the type of a receipt is kReceiptPayloadType.
ByteArray<64> report_data_for(std::string_view type, ByteView body);

// Whether a quote that is no receipt's is about what it should be: carries these report data.
Check check_quoted_data(const Quote& quote, const ByteArray<64>& wanted);

}  // namespace quoin

#endif  // QUOIN_SRC_RECEIPT_REPORT_DATA_H_
