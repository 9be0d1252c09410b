#include <string>
#include <utility>

#include "quoin/receipt.h"
#include "src/base/base64.h"
#include "src/base/error.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/receipt/json_fields.h"

namespace quoin {
namespace {

constexpr std::string_view kQuoteKeyId = "tdx-quote";
constexpr JsonLimits kLimits = {.max_bytes = size_t{16} << 20, .max_depth = 16};

Result<Bytes> read_signature(const JsonValue& document) {
  const JsonValue list = TRY(document.get("signatures"));
  const std::vector<JsonValue> signatures = TRY(list.elements());
  if (signatures.size() != 1) {
    return unsupported("receipt: " + std::to_string(signatures.size()) +
                       " signatures, wanted one: a quote");
  }
  TRY(check_members(signatures[0], {"keyid", "sig"}));
  const std::string key_id = TRY(get_string(signatures[0], "keyid"));
  if (key_id != kQuoteKeyId) {
    return unsupported("receipt: key id \"" + key_id + "\", wanted \"tdx-quote\"");
  }
  return get_base64(signatures[0], "sig");
}

// The bundle of collateral as it stands in the text; empty where there is none.
Result<Bytes> read_collateral(const JsonValue& evidence) {
  const JsonValue collateral = TRY(evidence.get("collateral"));
  if (collateral.is_null()) return Bytes();
  if (!collateral.is_object()) return malformed("receipt: evidence.collateral is not an object");
  const ByteView raw = as_bytes(collateral.raw());
  return Bytes(raw.begin(), raw.end());
}

}  // namespace

Bytes write_receipt(const Receipt& receipt) {
  // The collateral is inserted as it is: it has been signed in parts, and nothing is rewritten.
  const std::string collateral =
      receipt.collateral.empty() ? "null" : std::string(as_text(receipt.collateral));
  const std::string text = "{\"payloadType\":\"" + receipt.payload_type + "\",\"payload\":\"" +
                           to_base64(receipt.payload) + "\",\"signatures\":[{\"keyid\":\"" +
                           std::string(kQuoteKeyId) + "\",\"sig\":\"" + to_base64(receipt.quote) +
                           "\"}],\"evidence\":{\"event_logs\":[],\"collateral\":" + collateral +
                           "}}\n";
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Result<Receipt> parse_receipt(ByteView json) {
  const JsonDocument parsed = TRY(JsonDocument::parse(json, kLimits));
  const JsonValue document = parsed.root();
  TRY(check_members(document, {"payloadType", "payload", "signatures", "evidence"}));
  Receipt receipt;
  receipt.payload_type = TRY(get_string(document, "payloadType"));
  if (receipt.payload_type != kReceiptPayloadType) {
    return unsupported("receipt: payload type \"" + receipt.payload_type + "\", wanted " +
                       std::string(kReceiptPayloadType));
  }
  receipt.payload = TRY(get_base64(document, "payload"));
  receipt.quote = TRY(read_signature(document));

  const JsonValue evidence = TRY(document.get("evidence"));
  TRY(check_members(evidence, {"event_logs", "collateral"}));
  const JsonValue event_logs = TRY(evidence.get("event_logs"));
  const std::vector<JsonValue> logs = TRY(event_logs.elements());
  if (!logs.empty()) return unsupported("receipt: event logs, which this version does not read");
  receipt.collateral = TRY(read_collateral(evidence));
  return receipt;
}

}  // namespace quoin
