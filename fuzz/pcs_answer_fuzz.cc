// What a provisioning service answers: whichever of its answers an attacker chooses, a bundle that
// is made of them has in it, as what is signed, bytes that stand in the answer, and it is not lost
// that a name stands there twice.

#include <array>
#include <cstdint>
#include <string>

#include "fuzz/require.h"
#include "quoin/collateral.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/collateral/json_object.h"
#include "src/collateral/parts.h"
#include "src/net/http.h"
#include "src/pcs/bundle.h"
#include "src/simulator/platform.h"

namespace {

using quoin::pcs::BundleParts;

std::string answer_of(std::string_view name, std::string_view object,
                      const quoin::P256Signature& signature) {
  return "{\"" + std::string(name) + "\":" + std::string(object) + ",\"signature\":\"" +
         quoin::to_hex(signature) + "\"}";
}

BundleParts honest_parts() {
  const quoin::simulator::Platform platform(quoin::simulator::Seed(), quoin::UtcTime{});
  const auto made = platform.collateral();
  BundleParts parts;
  parts.tcb_info = {.answer = answer_of("tcbInfo", made.tcb_info, made.tcb_info_signature),
                    .issuer_chain = made.tcb_info_issuer_chain};
  parts.qe_identity = {
      .answer = answer_of("enclaveIdentity", made.qe_identity, made.qe_identity_signature),
      .issuer_chain = made.qe_identity_issuer_chain};
  parts.pck_crl = made.pck_crl;
  parts.pck_crl_issuer_chain = made.pck_crl_issuer_chain;
  parts.root_ca_crl = made.root_ca_crl;
  parts.source = "https://pccs.example";
  return parts;
}

// Whether a name stands twice in an answer that is JSON otherwise.
bool repeats_a_name(const std::string& answer) {
  const quoin::JsonLimits limits = {.max_bytes = quoin::kSignedJsonLimits.max_bytes,
                                    .max_depth = quoin::kSignedJsonLimits.max_depth + 1};
  return !quoin::JsonDocument::parse(quoin::as_bytes(answer), limits).ok();
}

}  // namespace

// The first byte says which answer the others are.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  static const BundleParts honest = honest_parts();
  if (size == 0) return 0;
  const quoin::ByteView rest = {data + 1, size - 1};
  const std::string text(quoin::as_text(rest));
  BundleParts parts = honest;
  switch (data[0] % 4) {
    case 0:
      parts.tcb_info.answer = text;
      break;
    case 1:
      parts.qe_identity.answer = text;
      break;
    case 2: {
      auto crl = quoin::pcs::decode_crl(rest);
      if (!crl.ok()) return 0;
      parts.pck_crl = *crl;
      break;
    }
    default: {
      auto chain = quoin::net::percent_decoded(text);
      if (!chain.ok()) return 0;
      require(chain->size() <= text.size());
      parts.tcb_info.issuer_chain = *chain;
    }
  }
  const auto bundle = quoin::pcs::write_bundle(parts);
  if (!bundle.ok()) return 0;
  const auto collateral = quoin::Collateral::parse(*bundle);
  require(collateral.ok());
  const auto& read = collateral->parts();
  require(parts.tcb_info.answer.contains(quoin::as_text(read.tcb_info_signed.signed_bytes)));
  require(parts.qe_identity.answer.contains(quoin::as_text(read.qe_identity_signed.signed_bytes)));
  require(read.tcb_info.repeated_name.has_value() == repeats_a_name(parts.tcb_info.answer));
  require(read.qe_identity.repeated_name.has_value() == repeats_a_name(parts.qe_identity.answer));
  require(read.pck_crl.encoded == parts.pck_crl);
  require(quoin::pcs::read_provenance(*bundle).ok());
  return 0;
}
