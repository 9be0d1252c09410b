// What is read out of a bundle is what the bytes that are kept say, and each chain has a signer.

#include <cstdlib>
#include <utility>

#include "quoin/collateral.h"
#include "src/collateral/parts.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto parsed = quoin::Collateral::parse({data, size});
  if (!parsed.ok()) return 0;
  const quoin::Collateral collateral = std::move(parsed).value();
  const auto& parts = collateral.parts();
  const auto info = quoin::parse_tcb_info(parts.tcb_info_signed.signed_bytes);
  if (!info.ok() || info->next_update != collateral.tcb_info().next_update) std::abort();
  const auto identity = quoin::parse_qe_identity(parts.qe_identity_signed.signed_bytes);
  if (!identity.ok() || identity->next_update != collateral.qe_identity().next_update) std::abort();
  if (parts.tcb_info_signed.issuer_chain.certificates().empty()) std::abort();
  if (parts.qe_identity_signed.issuer_chain.certificates().empty()) std::abort();
  if (parts.pck_crl_issuer_chain.certificates().empty()) std::abort();
  if (parts.pck_crl.crl.encoded.data() != parts.pck_crl.encoded.data()) std::abort();
  return 0;
}
