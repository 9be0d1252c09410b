#include "quoin/collateral.h"

#include <optional>
#include <string>
#include <utility>

#include "src/base/base64.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/try.h"
#include "src/collateral/json_object.h"
#include "src/collateral/parts.h"
#include "src/x509/pem.h"

namespace quoin {
namespace {

constexpr std::string_view kWhat = "collateral";
constexpr JsonLimits kBundleLimits = {.max_bytes = size_t{8} << 20};

// What a PCS response has around the object that is signed, and so what may be one deeper.
constexpr JsonLimits kResponseLimits = {.max_bytes = kSignedJsonLimits.max_bytes,
                                        .max_depth = kSignedJsonLimits.max_depth + 1};

Error missing(std::string_view name) {
  return {ErrorCode::not_found, "collateral: " + std::string(name) + ": missing"};
}

// A member of the bundle, which is a string.
Result<std::string> read_text(const JsonObject& bundle, std::string_view name) {
  if (!bundle.has(name)) return missing(name);
  return bundle.text(name);
}

Result<x509::Chain> read_chain(const JsonObject& bundle, std::string_view name) {
  auto chain = x509::Chain::parse_pem(TRY(read_text(bundle, name)));
  if (!chain.ok()) return about(name, chain.error());
  return chain;
}

// DER in PEM, base64 or hex. A CRL begins with the byte 0x30, which is "M" in base64 and "30" in
// hex: the first character decides.
Result<Bytes> decode_crl(std::string_view text) {
  if (text.starts_with('-')) {
    auto blocks = TRY(x509::parse_pem(text, "X509 CRL", 1));
    return std::move(blocks.front());
  }
  if (text.starts_with('M')) return from_base64(text);
  return from_hex(text);
}

Result<OwnedCrl> read_crl(const JsonObject& bundle, std::string_view name) {
  auto encoded = decode_crl(TRY(read_text(bundle, name)));
  if (!encoded.ok()) return about(name, encoded.error());
  OwnedCrl owned;
  owned.encoded = std::move(encoded).value();
  auto crl = x509::parse_crl(owned.encoded);
  if (!crl.ok()) return about(name, crl.error());
  owned.crl = std::move(crl).value();
  return owned;
}

// Where the parts of one signed JSON text stand.
struct SignedJsonNames {
  std::string_view text;       // in the bundle
  std::string_view signature;  // in the bundle
  std::string_view chain;      // in the bundle
  std::string_view response;   // in the PCS's response
};

constexpr SignedJsonNames kTcbInfoNames = {.text = "tcb_info",
                                           .signature = "tcb_info_signature",
                                           .chain = "tcb_info_issuer_chain",
                                           .response = "tcbInfo"};
constexpr SignedJsonNames kQeIdentityNames = {.text = "qe_identity",
                                              .signature = "qe_identity_signature",
                                              .chain = "qe_identity_issuer_chain",
                                              .response = "enclaveIdentity"};

// What a bundle says of a signed JSON text.
struct ReadSignedJson {
  SignedJson json;
  // In the PCS response, if it was read out of one.
  std::optional<std::string> repeated_name;
};

// The body and the signature out of a PCS response, { "tcbInfo": {...}, "signature": "..." }, as
// the bytes stand there.
Result<void> read_response(std::string_view text, const SignedJsonNames& names,
                           ReadSignedJson& out) {
  const auto document = JsonDocument::parse(as_bytes(text), kResponseLimits, RepeatedNames::record);
  if (!document.ok()) return about(names.text, document.error());
  const auto response = TRY(JsonObject::of(document->root(), names.text));
  const auto body = response.get(names.response);
  if (!body.ok()) return missing(names.signature);
  const auto bytes = as_bytes(body->raw());
  out.json.signed_bytes.assign(bytes.begin(), bytes.end());
  out.json.signature = TRY(response.hex<64>("signature"));
  out.repeated_name = document->repeated_name();
  return {};
}

Result<ReadSignedJson> read_signed_json(const JsonObject& bundle, const SignedJsonNames& names) {
  ReadSignedJson read;
  const auto text = TRY(read_text(bundle, names.text));
  if (bundle.has(names.signature)) {
    const auto bytes = as_bytes(text);
    read.json.signed_bytes.assign(bytes.begin(), bytes.end());
    read.json.signature = TRY(bundle.hex<64>(names.signature));
  } else {
    TRY(read_response(text, names, read));
  }
  read.json.issuer_chain = TRY(read_chain(bundle, names.chain));
  return read;
}

// Reads a text and what it says into `json` and `contents`, the latter with `parse_contents`.
template <typename Contents>
Result<void> read_part(const JsonObject& bundle, const SignedJsonNames& names,
                       Result<Contents> (*parse_contents)(ByteView), SignedJson& json,
                       Contents& contents) {
  auto read = TRY(read_signed_json(bundle, names));
  contents = TRY(parse_contents(read.json.signed_bytes));
  // The response is around the text: what stands twice in the text stands twice in it too.
  if (read.repeated_name) contents.repeated_name = std::move(read.repeated_name);
  json = std::move(read.json);
  return {};
}

}  // namespace

Collateral::Collateral(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Collateral::Collateral(Collateral&&) noexcept = default;
Collateral& Collateral::operator=(Collateral&&) noexcept = default;
Collateral::~Collateral() = default;

const TcbInfo& Collateral::tcb_info() const { return parts_->tcb_info; }
const QeIdentity& Collateral::qe_identity() const { return parts_->qe_identity; }

Result<Collateral> Collateral::parse(ByteView json) {
  const auto document = JsonDocument::parse(json, kBundleLimits);
  if (!document.ok()) return about(kWhat, document.error());
  const auto bundle = TRY(JsonObject::of(document->root(), kWhat));

  auto parts = std::make_unique<Parts>();
  parts->pck_crl_issuer_chain = TRY(read_chain(bundle, "pck_crl_issuer_chain"));
  parts->root_ca_crl = TRY(read_crl(bundle, "root_ca_crl"));
  parts->pck_crl = TRY(read_crl(bundle, "pck_crl"));
  TRY(read_part(bundle, kTcbInfoNames, parse_tcb_info, parts->tcb_info_signed, parts->tcb_info));
  TRY(read_part(bundle, kQeIdentityNames, parse_qe_identity, parts->qe_identity_signed,
                parts->qe_identity));
  return Collateral(std::move(parts));
}

}  // namespace quoin
