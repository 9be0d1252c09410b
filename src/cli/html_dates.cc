#include "src/cli/html_dates.h"

#include <algorithm>

#include "src/collateral/parts.h"
#include "src/verify/certificates.h"
#include "src/verify/collateral_signatures.h"

namespace quoin::cli {
namespace {

Validity validity_of(const x509::Certificate& certificate) {
  return {certificate.not_before, certificate.not_after};
}

Validity validity_of(const x509::Crl& crl) { return {crl.this_update, crl.next_update}; }

}  // namespace

std::vector<DatedPart> dated_parts(const x509::Chain& platform_chain,
                                   const Collateral& collateral) {
  std::vector<DatedPart> parts;
  if (platform_chain.certificates().size() == 3) {
    const PckChain chain = find_pck_chain(platform_chain.certificates());
    parts.push_back({"Root certificate", ChainNode::root, validity_of(chain.root)});
    parts.push_back({"PCK CA's certificate", ChainNode::pck_ca, validity_of(chain.ca)});
    parts.push_back({"PCK certificate", ChainNode::pck_certificate, validity_of(chain.pck)});
  }
  const Collateral::Parts& bundle = collateral.parts();
  const auto tcb_info_chain = find_signing_chain(bundle.tcb_info_signed.issuer_chain);
  const auto qe_identity_chain = find_signing_chain(bundle.qe_identity_signed.issuer_chain);
  if (tcb_info_chain) {
    parts.push_back(
        {"TCB info's signer", ChainNode::tcb_signer, validity_of(tcb_info_chain->signer)});
  }
  if (qe_identity_chain) {
    parts.push_back(
        {"QE identity's signer", ChainNode::tcb_signer, validity_of(qe_identity_chain->signer)});
  }
  parts.push_back({"Root's CRL", ChainNode::root_ca_crl, validity_of(bundle.root_ca_crl.crl)});
  parts.push_back({"PCK CRL", ChainNode::pck_crl, validity_of(bundle.pck_crl.crl)});
  parts.push_back(
      {"TCB info", ChainNode::tcb_info, {bundle.tcb_info.issue_date, bundle.tcb_info.next_update}});
  parts.push_back({"QE identity",
                   ChainNode::qe_identity,
                   {bundle.qe_identity.issue_date, bundle.qe_identity.next_update}});
  return parts;
}

std::optional<Validity> validity_of(const std::vector<DatedPart>& parts, ChainNode node) {
  std::optional<Validity> all;
  for (const DatedPart& part : parts) {
    if (part.node != node) continue;
    if (!all) all = part.validity;
    all->from = std::max(all->from, part.validity.from);
    all->until = std::min(all->until, part.validity.until);
  }
  return all;
}

const DatedPart* first_to_end(const std::vector<DatedPart>& parts) {
  const auto first = std::ranges::min_element(
      parts, {}, [](const DatedPart& part) { return part.validity.until; });
  return first == parts.end() ? nullptr : &*first;
}

}  // namespace quoin::cli
