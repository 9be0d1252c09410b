#include "src/verify/certificates.h"

#include <algorithm>
#include <string>

#include "src/base/text.h"
#include "src/crypto/p256.h"
#include "src/verify/collateral_signatures.h"
#include "src/verify/rules.h"

namespace quoin {
namespace {

// What the common names of Intel's certificates contain (QVL X509Constants.h).
constexpr std::string_view kPckPhrase = "SGX PCK Certificate";
constexpr std::string_view kPlatformCaPhrase = "SGX PCK Platform CA";
constexpr std::string_view kProcessorCaPhrase = "SGX PCK Processor CA";
constexpr std::string_view kTcbSigningPhrase = "SGX TCB Signing";

// keyCertSign and cRLSign (RFC 5280, 4.2.1.3).
constexpr uint16_t kCaKeyUsage = 1u << 5 | 1u << 6;

bool contains(std::string_view text, std::string_view phrase) {
  return text.find(phrase) != std::string_view::npos;
}

// RFC 5280 6.1.4 (k), (l), (n) and 6.3.3 (f): a certificate that signs others, and CRLs, says that
// it may, with so many CAs below it.
bool may_issue_certificates(const x509::Certificate& certificate, uint32_t cas_below) {
  if (!certificate.basic_constraints || !certificate.basic_constraints->ca) return false;
  const auto& path_length = certificate.basic_constraints->path_length;
  if (path_length && *path_length < cas_below) return false;
  return certificate.key_usage && (*certificate.key_usage & kCaKeyUsage) == kCaKeyUsage;
}

bool is_end_entity(const x509::Certificate& certificate) {
  return !certificate.basic_constraints || !certificate.basic_constraints->ca;
}

std::string holds(bool signature) { return signature ? "holds" : "does not hold"; }

std::string names_of(const x509::Certificate& certificate) {
  return in_quotes(certificate.subject.common_name) + " issued by " +
         in_quotes(certificate.issuer.common_name);
}

const TrustRoot* find_trust_root(const x509::Certificate& root,
                                 std::span<const TrustRoot> trust_roots) {
  const auto found = std::ranges::find_if(trust_roots, [&](const TrustRoot& trusted) {
    return equal(trusted.certificate(), root.encoded);
  });
  return found == trust_roots.end() ? nullptr : &*found;
}

bool check_pck_chain_names(CheckList& checks, const PckChain& chain) {
  const std::string_view ca_name = chain.ca.subject.common_name;
  const bool passed =
      contains(chain.pck.subject.common_name, kPckPhrase) &&
      (contains(ca_name, kPlatformCaPhrase) || contains(ca_name, kProcessorCaPhrase)) &&
      chain.pck.issuer == chain.ca.subject && chain.ca.issuer == chain.root.subject &&
      is_self_issued(chain.root);
  return checks.add(rules::kPckChainNames, passed, [&] {
    return CheckText{
        names_of(chain.pck) + ", " + names_of(chain.ca) + ", " + names_of(chain.root),
        "SGX PCK Certificate, SGX PCK Platform CA or Processor CA, root, each issued by the next"};
  });
}

bool check_pck_chain_constraints(CheckList& checks, const PckChain& chain) {
  const bool passed = is_end_entity(chain.pck) && may_issue_certificates(chain.ca, 0) &&
                      may_issue_certificates(chain.root, 1);
  return checks.add(rules::kPckChainConstraints, passed, [&] {
    return CheckText{passed ? "CAs are CAs, the PCK certificate is none"
                            : "basic constraints or key usage do not fit",
                     "CA, keyCertSign and cRLSign in the CAs only"};
  });
}

const TrustRoot* check_pck_chain_root(CheckList& checks, const PckChain& chain,
                                      std::span<const TrustRoot> trust_roots) {
  const TrustRoot* trusted = find_trust_root(chain.root, trust_roots);
  checks.add(rules::kPckChainRoot, trusted != nullptr, [&] {
    std::string wanted;
    for (const TrustRoot& root : trust_roots) {
      wanted += (wanted.empty() ? "" : " or ") + in_quotes(root.common_name());
    }
    return CheckText{in_quotes(chain.root.subject.common_name),
                     "the certificate of " + (wanted.empty() ? "a trusted root" : wanted)};
  });
  return trusted;
}

bool check_pck_chain_signatures(CheckList& checks, const PckChainSignatures& signatures) {
  return checks.add(rules::kPckChainSignatures, signatures.ca_by_root && signatures.pck_by_ca, [&] {
    return CheckText{"CA's signature " + holds(signatures.ca_by_root) + ", PCK certificate's " +
                         holds(signatures.pck_by_ca),
                     "both hold"};
  });
}

}  // namespace

bool is_signed_by(const x509::Certificate& issuer, ByteView message,
                  const ByteArray<64>& signature) {
  const Result<P256PublicKey> key = P256PublicKey::from_point(issuer.public_key);
  return key.ok() && key->verify(message, signature);
}

PckChain find_pck_chain(const std::array<const x509::Certificate*, 3>& three) {
  const auto root = std::ranges::find_if(
      three, [](const x509::Certificate* certificate) { return is_self_issued(*certificate); });
  const auto pck = std::ranges::find_if(three, [](const x509::Certificate* certificate) {
    return !certificate->sgx_extension.empty();
  });
  if (root == three.end() || pck == three.end() || root == pck) {
    return {*three[0], *three[1], *three[2]};
  }
  const size_t ca = 3 - static_cast<size_t>((root - three.begin()) + (pck - three.begin()));
  return {**pck, *three[ca], **root};
}

PckChain find_pck_chain(const std::vector<x509::Certificate>& three) {
  return find_pck_chain({&three[0], &three[1], &three[2]});
}

bool is_self_issued(const x509::Certificate& certificate) {
  return certificate.issuer == certificate.subject;
}

const TrustRoot* check_pck_chain(CheckList& checks, const PckChain& chain,
                                 const PckChainSignatures& signatures, UtcTime now,
                                 std::span<const TrustRoot> trust_roots) {
  check_pck_chain_names(checks, chain);
  check_pck_chain_constraints(checks, chain);
  const TrustRoot* trusted = check_pck_chain_root(checks, chain, trust_roots);
  check_pck_chain_signatures(checks, signatures);
  checks.not_expired(rules::kPckChainNotExpired,
                     std::min({chain.pck.not_after, chain.ca.not_after, chain.root.not_after}),
                     now);
  checks.not_before(rules::kPckChainNotBefore,
                    std::max({chain.pck.not_before, chain.ca.not_before, chain.root.not_before}),
                    now);
  return trusted;
}

const x509::Certificate* check_signing_chain(CheckList& checks, const SigningChainRules& rules,
                                             const x509::Chain& chain, bool is_signed, UtcTime now,
                                             const TrustRoot* trusted_root) {
  const std::optional<SigningChain> found = find_signing_chain(chain);
  if (!found) {
    checks.add(rules.chain, false, [&] {
      return CheckText{std::to_string(chain.certificates().size()) + " certificates",
                       "2: SGX TCB Signing and the root"};
    });
    return nullptr;
  }
  const auto& [signer, root] = *found;
  checks.add(
      rules.chain,
      contains(signer.subject.common_name, kTcbSigningPhrase) && signer.issuer == root.subject &&
          is_self_issued(root) && is_end_entity(signer) && may_issue_certificates(root, 0),
      [&] { return CheckText{names_of(signer), "SGX TCB Signing, no CA, issued by the root"}; });
  checks.add(rules.root,
             trusted_root != nullptr && equal(trusted_root->certificate(), root.encoded), [&] {
               return CheckText{in_quotes(root.subject.common_name),
                                "the root that the PCK chain ends in, trusted"};
             });
  checks.add(rules.signature, is_signed, [&] { return CheckText{holds(is_signed), "holds"}; });
  checks.not_expired(rules.not_expired, std::min(signer.not_after, root.not_after), now);
  checks.not_before(rules.not_before, std::max(signer.not_before, root.not_before), now);
  return &signer;
}

}  // namespace quoin
