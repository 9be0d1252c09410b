#include "src/cli/html_chain_places.h"

#include <algorithm>
#include <array>

#include "src/policy/rules.h"
#include "src/receipt/rules.h"
#include "src/verify/rules.h"

namespace quoin::cli {
namespace {

struct PlacedRule {
  std::string_view id;
  ChainPlace place;
};

using enum ChainNode;
using enum ChainAspect;

// One row a place: a rule about several nodes has several.
constexpr std::array kPlaces = {
    PlacedRule{rules::kCertificationData.id, {pck_certificate, content}},
    PlacedRule{rules::kPckChainNames.id, {pck_ca, content}},
    PlacedRule{rules::kPckChainConstraints.id, {pck_ca, content}},
    PlacedRule{rules::kPckChainRoot.id, {root, content}},
    PlacedRule{rules::kPckChainSignatures.id, {pck_ca, link}},
    PlacedRule{rules::kPckChainSignatures.id, {pck_certificate, link}},
    PlacedRule{rules::kPckChainNotExpired.id, {pck_certificate, dates}},
    PlacedRule{rules::kPckChainNotExpired.id, {pck_ca, dates}},
    PlacedRule{rules::kPckChainNotExpired.id, {root, dates}},
    PlacedRule{rules::kPckChainNotBefore.id, {pck_certificate, dates}},
    PlacedRule{rules::kPckChainNotBefore.id, {pck_ca, dates}},
    PlacedRule{rules::kPckChainNotBefore.id, {root, dates}},
    PlacedRule{rules::kPckSgxExtension.id, {pck_certificate, content}},
    PlacedRule{rules::kPckCaNotRevoked.id, {pck_ca, content}},
    PlacedRule{rules::kPckNotRevoked.id, {pck_certificate, content}},

    PlacedRule{rules::kRootCaCrlIssuer.id, {root_ca_crl, content}},
    PlacedRule{rules::kRootCaCrlExtensions.id, {root_ca_crl, content}},
    PlacedRule{rules::kRootCaCrlSignature.id, {root_ca_crl, link}},
    PlacedRule{rules::kRootCaCrlNotExpired.id, {root_ca_crl, dates}},
    PlacedRule{rules::kRootCaCrlNotBefore.id, {root_ca_crl, dates}},
    PlacedRule{rules::kPckCrlIssuer.id, {pck_crl, content}},
    PlacedRule{rules::kPckCrlExtensions.id, {pck_crl, content}},
    PlacedRule{rules::kPckCrlSignature.id, {pck_crl, link}},
    PlacedRule{rules::kPckCrlNotExpired.id, {pck_crl, dates}},
    PlacedRule{rules::kPckCrlNotBefore.id, {pck_crl, dates}},

    PlacedRule{rules::kTcbInfoChain.id, {tcb_signer, content}},
    PlacedRule{rules::kTcbInfoChainRoot.id, {tcb_signer, link}},
    PlacedRule{rules::kTcbInfoChainSignature.id, {tcb_signer, link}},
    PlacedRule{rules::kTcbInfoSignerNotRevoked.id, {tcb_signer, content}},
    PlacedRule{rules::kTcbInfoSignature.id, {tcb_info, link}},
    PlacedRule{rules::kTcbInfoUniqueKeys.id, {tcb_info, content}},
    PlacedRule{rules::kTcbInfoChainNotExpired.id, {tcb_signer, dates}},
    PlacedRule{rules::kTcbInfoChainNotBefore.id, {tcb_signer, dates}},
    PlacedRule{rules::kTcbInfoNotExpired.id, {tcb_info, dates}},
    PlacedRule{rules::kTcbInfoNotBefore.id, {tcb_info, dates}},
    PlacedRule{rules::kQeIdentityChain.id, {tcb_signer, content}},
    PlacedRule{rules::kQeIdentityChainRoot.id, {tcb_signer, link}},
    PlacedRule{rules::kQeIdentityChainSignature.id, {tcb_signer, link}},
    PlacedRule{rules::kQeIdentitySignerNotRevoked.id, {tcb_signer, content}},
    PlacedRule{rules::kQeIdentitySignature.id, {qe_identity, link}},
    PlacedRule{rules::kQeIdentityUniqueKeys.id, {qe_identity, content}},
    PlacedRule{rules::kQeIdentityChainNotExpired.id, {tcb_signer, dates}},
    PlacedRule{rules::kQeIdentityChainNotBefore.id, {tcb_signer, dates}},
    PlacedRule{rules::kQeIdentityNotExpired.id, {qe_identity, dates}},
    PlacedRule{rules::kQeIdentityNotBefore.id, {qe_identity, dates}},

    PlacedRule{rules::kTcbInfoTee.id, {tcb_info, content}},
    PlacedRule{rules::kTcbInfoFmspc.id, {tcb_info, content}},
    PlacedRule{rules::kTcbInfoPceId.id, {tcb_info, content}},
    PlacedRule{rules::kTdxModuleIdentity.id, {tcb_info, content}},
    PlacedRule{rules::kTdxModuleMrSigner.id, {quote, content}},
    PlacedRule{rules::kTdxModuleAttributes.id, {quote, content}},
    PlacedRule{rules::kQeReportSignature.id, {qe_report, link}},
    PlacedRule{rules::kQeReportData.id, {attestation_key, link}},
    PlacedRule{rules::kQeIdentityTee.id, {qe_identity, content}},
    PlacedRule{rules::kQeMiscselect.id, {qe_report, content}},
    PlacedRule{rules::kQeAttributes.id, {qe_report, content}},
    PlacedRule{rules::kQeMrSigner.id, {qe_report, content}},
    PlacedRule{rules::kQeIsvProdId.id, {qe_report, content}},
    PlacedRule{rules::kQuoteSignature.id, {quote, link}},
    PlacedRule{rules::kTcbLevel.id, {tcb_info, content}},

    PlacedRule{receipt_rules::kQuoteIsTd.id, {statement, link}},
    PlacedRule{receipt_rules::kReportData.id, {statement, link}},
    PlacedRule{receipt_rules::kSimulated.id, {statement, content}},
    PlacedRule{receipt_rules::kNonce.id, {request, content}},
    PlacedRule{receipt_rules::kModule.id, {request, content}},
    PlacedRule{receipt_rules::kPolicyModule.id, {request, content}},
    PlacedRule{receipt_rules::kQuotedData.id, {request, content}},
};

void look_at(Outcome& outcome, const Check& check, bool counts) {
  outcome.looked_at = true;
  if (!check.passed && counts && outcome.failure == nullptr) outcome.failure = &check;
}

}  // namespace

std::vector<ChainPlace> places_of(std::string_view check_id) {
  if (check_id.starts_with("policy_")) return {{.node = request}};
  std::vector<ChainPlace> places;
  for (const PlacedRule& rule : kPlaces) {
    if (rule.id == check_id) places.push_back(rule.place);
  }
  if (places.empty()) places.push_back({.node = other});
  return places;
}

std::string_view requirement_of(std::string_view check_id) {
  const auto find_in = [check_id](const auto& all) -> std::string_view {
    const auto rule = std::ranges::find(all, check_id, &Rule::id);
    return rule == all.end() ? std::string_view() : rule->requirement;
  };
  if (check_id.starts_with("policy_")) return find_in(policy_rules::kAll);
  if (check_id.starts_with("receipt_") || check_id == receipt_rules::kQuotedData.id) {
    return find_in(receipt_rules::kAll);
  }
  return find_in(rules::kAll);
}

Outcome outcome_of_node(const std::vector<Check>& checks, ChainNode node,
                        const std::optional<Validity>& validity, UtcTime at) {
  const bool holds_now = validity && validity->contains(at);
  Outcome outcome;
  for (const Check& check : checks) {
    for (const ChainPlace& place : places_of(check.id)) {
      if (place.node != node || place.aspect == link) continue;
      look_at(outcome, check, place.aspect != dates || !holds_now);
    }
  }
  return outcome;
}

Outcome outcome_of_link(const std::vector<Check>& checks, ChainNode node) {
  Outcome outcome;
  for (const Check& check : checks) {
    for (const ChainPlace& place : places_of(check.id)) {
      if (place.node == node && place.aspect == link) look_at(outcome, check, true);
    }
  }
  return outcome;
}

}  // namespace quoin::cli
