// Messages of a quote generation service: what is read is written as it was, so nothing of it is
// lost or read twice; an answer has either a quote or an error.

#include "src/td/qgs_message.h"

#include <algorithm>
#include <cstdint>

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quoin;
  using fuzz::require;
  const ByteView message(data, size);
  const auto request = td::parse_quote_request(message);
  const auto response = td::parse_quote_response(message);
  require(!request.ok() || !response.ok());
  if (request.ok()) {
    require(!request->report.empty());
    require(equal(td::write_message(*request), message));
  }
  if (response.ok()) {
    require(response->quote.empty() == (response->error_code != 0));
    require(equal(td::write_message(*response), message));
  }
  if (request.ok() || response.ok()) {
    require(td::qgs_type(message).ok());
    const Bytes framed = td::with_length(message);
    ByteArray<td::kQgsLengthBytes> length{};
    std::copy_n(framed.begin(), length.size(), length.begin());
    require(td::parse_length(length).value() == size);
  }
  return 0;
}
