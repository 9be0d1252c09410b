// What is read out of a bundle is what the bytes that are kept say, a name that stands twice in
// them is never lost, and each chain has a signer.

#include <cstdint>
#include <utility>

#include "fuzz/require.h"
#include "quoin/collateral.h"
#include "src/collateral/parts.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  auto parsed = quoin::Collateral::parse({data, size});
  if (!parsed.ok()) return 0;
  const quoin::Collateral collateral = std::move(parsed).value();
  const auto& parts = collateral.parts();
  const auto info = quoin::parse_tcb_info(parts.tcb_info_signed.signed_bytes);
  require(info.ok() && info->next_update == collateral.tcb_info().next_update);
  require(!info->repeated_name || collateral.tcb_info().repeated_name);
  const auto identity = quoin::parse_qe_identity(parts.qe_identity_signed.signed_bytes);
  require(identity.ok() && identity->next_update == collateral.qe_identity().next_update);
  require(!identity->repeated_name || collateral.qe_identity().repeated_name);
  require(!parts.tcb_info_signed.issuer_chain.certificates().empty());
  require(!parts.qe_identity_signed.issuer_chain.certificates().empty());
  require(!parts.pck_crl_issuer_chain.certificates().empty());
  require(parts.pck_crl.crl.encoded.data() == parts.pck_crl.encoded.data());
  return 0;
}
