#include "src/verify/collateral_signatures.h"

#include <algorithm>

#include "src/verify/certificates.h"

namespace quoin {
namespace {

SignedJsonSignatures look_at_signed_json(KeyRing& keys, const SignedJson& text) {
  const std::optional<SigningChain> chain = find_signing_chain(text.issuer_chain);
  if (!chain) return {};
  const auto& [signer, root] = *chain;
  return {.signer_by_root = keys.verify(root.public_key, signer.tbs, signer.signature),
          .text_by_signer = keys.verify(signer.public_key, text.signed_bytes, text.signature)};
}

// Both texts are signed by the same certificate, as a rule: its own signature is looked at once.
SignedJsonSignatures look_at_qe_identity(KeyRing& keys, const Collateral::Parts& collateral,
                                         const SignedJsonSignatures& tcb_info) {
  const auto known = find_signing_chain(collateral.tcb_info_signed.issuer_chain);
  const auto chain = find_signing_chain(collateral.qe_identity_signed.issuer_chain);
  if (!known || !chain || !equal(known->signer.encoded, chain->signer.encoded) ||
      !equal(known->root.encoded, chain->root.encoded)) {
    return look_at_signed_json(keys, collateral.qe_identity_signed);
  }
  const SignedJson& text = collateral.qe_identity_signed;
  return {
      .signer_by_root = tcb_info.signer_by_root,
      .text_by_signer = keys.verify(chain->signer.public_key, text.signed_bytes, text.signature)};
}

const x509::Certificate* find_pck_ca(const x509::Chain& chain) {
  const auto found = std::ranges::find_if_not(chain.certificates(), is_self_issued);
  return found == chain.certificates().end() ? nullptr : &*found;
}

}  // namespace

std::optional<SigningChain> find_signing_chain(const x509::Chain& chain) {
  const auto& certificates = chain.certificates();
  if (certificates.size() != 2) return std::nullopt;
  if (is_self_issued(certificates[0])) return SigningChain{certificates[1], certificates[0]};
  return SigningChain{certificates[0], certificates[1]};
}

CollateralSignatures look_at_signatures(const Collateral::Parts& collateral) {
  CollateralSignatures found;
  found.tcb_info = look_at_signed_json(found.keys, collateral.tcb_info_signed);
  found.qe_identity = look_at_qe_identity(found.keys, collateral, found.tcb_info);

  const auto signing_chain = find_signing_chain(collateral.tcb_info_signed.issuer_chain);
  found.pck_ca = find_pck_ca(collateral.pck_crl_issuer_chain);
  if (signing_chain) {
    const P256Point& root = signing_chain->root.public_key;
    const x509::Crl& crl = collateral.root_ca_crl.crl;
    found.root_ca_crl = {root, found.keys.verify(root, crl.tbs, crl.signature)};
    if (found.pck_ca != nullptr) {
      const x509::Certificate& ca = *found.pck_ca;
      found.pck_ca_by_root = {root, found.keys.verify(root, ca.tbs, ca.signature)};
    }
  }
  if (found.pck_ca != nullptr) {
    const P256Point& ca = found.pck_ca->public_key;
    const x509::Crl& crl = collateral.pck_crl.crl;
    found.pck_crl = {ca, found.keys.verify(ca, crl.tbs, crl.signature)};
  }
  return found;
}

}  // namespace quoin
