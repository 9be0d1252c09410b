#include "src/pcs/bundle.h"

#include <algorithm>
#include <utility>

#include "src/base/base64.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/collateral/json_object.h"
#include "src/collateral/parts.h"
#include "src/x509/pem.h"

namespace quoin::pcs {
namespace {

constexpr std::string_view kSource = "source";
constexpr std::string_view kFetchedAt = "fetched_at";
constexpr JsonLimits kBundleLimits = {.max_bytes = size_t{8} << 20};
// What the service has around the object that is signed makes one more.
constexpr JsonLimits kAnswerLimits = {.max_bytes = kSignedJsonLimits.max_bytes,
                                      .max_depth = kSignedJsonLimits.max_depth + 1};
constexpr uint8_t kDerSequence = 0x30;

// Appends `text`, which is UTF-8, as a JSON string.
void append_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    const ByteArray<1> byte = {static_cast<uint8_t>(c)};
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte[0] < ' ') {
      json += "\\u00" + to_hex(byte);
    } else {
      json += c;
    }
  }
  json += '"';
}

void append_member(std::string& json, std::string_view name, std::string_view text) {
  if (!json.empty()) json += ',';
  append_string(json, name);
  json += ':';
  append_string(json, text);
}

// The object that is signed, as its bytes stand in the answer, and the signature, as its own two
// members. An answer that has a name twice is left whole, so that whoever verifies sees it.
Result<void> append_signed(std::string& json, const SignedAnswer& part, std::string_view name,
                           std::string_view object_name) {
  const auto document =
      JsonDocument::parse(as_bytes(part.answer), kAnswerLimits, RepeatedNames::record);
  if (!document.ok()) return about(name, document.error());
  const auto answer = TRY(JsonObject::of(document->root(), name));
  TRY(answer.object(object_name));
  const auto signature = TRY(answer.hex<64>("signature"));
  const JsonValue body = TRY(answer.get(object_name));
  append_member(json, std::string(name) + "_issuer_chain", part.issuer_chain);
  append_member(json, name, document->repeated_name() ? part.answer : body.raw());
  if (!document->repeated_name()) {
    append_member(json, std::string(name) + "_signature", to_hex(signature));
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

Result<Bytes> write_bundle(const BundleParts& parts) {
  std::string members;
  append_member(members, "pck_crl_issuer_chain", parts.pck_crl_issuer_chain);
  append_member(members, "root_ca_crl", to_hex(parts.root_ca_crl));
  append_member(members, "pck_crl", to_hex(parts.pck_crl));
  TRY(append_signed(members, parts.tcb_info, "tcb_info", "tcbInfo"));
  TRY(append_signed(members, parts.qe_identity, "qe_identity", "enclaveIdentity"));
  if (!parts.source.empty()) {
    append_member(members, kSource, parts.source);
    append_member(members, kFetchedAt, quoin::to_string(parts.fetched_at));
  }
  const std::string json = "{" + members + "}";
  TRY(Collateral::parse(as_bytes(json)));
  return Bytes(json.begin(), json.end());
}

Result<Provenance> read_provenance(ByteView bundle) {
  const auto document = JsonDocument::parse(bundle, kBundleLimits);
  if (!document.ok()) return about("bundle", document.error());
  const auto object = TRY(JsonObject::of(document->root(), "bundle"));
  for (const std::string_view name : {kSource, kFetchedAt}) {
    if (!object.has(name)) {
      return Error{ErrorCode::not_found, "bundle: " + std::string(name) + ": missing"};
    }
  }
  Provenance provenance;
  provenance.source = TRY(object.text(kSource));
  provenance.fetched_at = TRY(object.time(kFetchedAt));
  return provenance;
}

// A CRL in DER begins with the byte 0x30, which is "M" in Base64 and "30" in hex: the first byte
// decides.
Result<Bytes> decode_crl(ByteView encoded) {
  if (!encoded.empty() && encoded.front() == kDerSequence) {
    return Bytes(encoded.begin(), encoded.end());
  }
  const std::string_view text = trimmed(as_text(encoded));
  if (text.starts_with('-')) {
    auto blocks = TRY(x509::parse_pem(text, "X509 CRL", 1));
    return std::move(blocks.front());
  }
  auto decoded = text.starts_with('M') ? from_base64(text) : from_hex(text);
  if (!decoded.ok() || decoded->empty() || decoded->front() != kDerSequence) {
    return malformed("CRL: neither DER, PEM, hex nor Base64 of a CRL");
  }
  return decoded;
}

UtcTime next_update(const Collateral& collateral) {
  const Collateral::Parts& parts = collateral.parts();
  return std::min({parts.tcb_info.next_update, parts.qe_identity.next_update,
                   parts.root_ca_crl.crl.next_update, parts.pck_crl.crl.next_update});
}

}  // namespace quoin::pcs
