#include "src/verify/faults_testing.h"

#include <string>
#include <utility>

#include "src/simulator/signing_key.h"

namespace quoin {
namespace {

using simulator::CertificateRole;
using S = simulator::PlatformSettings;
using P = simulator::PkiSettings;
using Q = simulator::QuoteParts;
using B = simulator::BundleParts;
using C = simulator::CertificateSettings;

constexpr uint16_t kKeyCertSign = 1u << 5;
constexpr uint16_t kCrlSign = 1u << 6;

simulator::RevokedCertificate revoked(uint8_t serial) {
  return {.serial = {serial}, .date = kNow - kDay};
}

// A change of the root, which is trusted as it then is.
Make own_root(std::function<void(C&)> change) {
  return [change = std::move(change)](Evidence& evidence) {
    change(evidence.settings.pki.root);
    evidence.trust = Trust::own_root;
  };
}

// A change of the chain beside one of the two signed texts only, and of the root's CRL.
Make tcb_info_chain(std::function<void(S&)> change) {
  return [change = std::move(change)](Evidence& evidence) {
    S other = evidence.settings;
    change(other);
    evidence.settings.root_ca_crl = other.root_ca_crl;
    evidence.change_bundle = with_tcb_info_chain_of(other);
  };
}

Make qe_identity_chain(std::function<void(S&)> change) {
  return [change = std::move(change)](Evidence& evidence) {
    S other = evidence.settings;
    change(other);
    evidence.settings.root_ca_crl = other.root_ca_crl;
    evidence.change_bundle = with_qe_identity_chain_of(other);
  };
}

// A PKI whose root has the name of the trusted one, and another key.
S with_another_root(S settings) {
  settings.pki.root.key = "somebody";
  settings.pki.root.signed_by = "somebody";
  settings.pki.tcb_signing.signed_by = "somebody";
  return settings;
}

void flip(ByteArray<64>& bytes) { bytes[40] ^= 1; }

// Puts a second member of a name behind the first, and signs the text anew.
Make with_repeated_name(std::string B::* text, P256Signature B::* signature,
                        std::string S::* signed_by) {
  return [=](Evidence& evidence) {
    evidence.change_bundle = [=, signer = evidence.settings.*signed_by](B& bundle) {
      (bundle.*text).insert((bundle.*text).size() - 1, ",\"version\":0");
      const auto key = simulator::SigningKey::derive(evidence_seed(), signer);
      bundle.*signature = key.sign(as_bytes(bundle.*text));
    };
  };
}

}  // namespace

std::vector<Fault> certificate_faults() {
  return {
      {"certification_data", "a type that is not a chain",
       in_quote([](Q& q) { q.certification_data_type = CertificationDataType::pck_leaf; })},
      {"certification_data", "not PEM", in_quote([](Q& q) { q.certification_data = {1, 2, 3}; })},
      {"certification_data", "nothing", in_quote([](Q& q) { q.certification_data.clear(); })},
      {"certification_data", "a certificate is missing",
       in_settings([](S& s) { s.pck_chain.pop_back(); })},
      {"certification_data", "a certificate too many",
       in_settings([](S& s) { s.pck_chain.push_back(CertificateRole::root); })},

      {"pck_chain_names", "PCK certificate is something else",
       in_pki([](P& p) { p.pck.subject.common_name = "Somebody"; })},
      {"pck_chain_names", "CA is something else", in_settings([](S& s) {
         s.pki.platform_ca.subject.common_name = "Somebody";
         s.pki.pck.issuer.common_name = "Somebody";
         s.pck_crl.issuer.common_name = "Somebody";
       })},
      {"pck_chain_names", "PCK certificate issued by another",
       in_pki([](P& p) { p.pck.issuer.common_name = "SGX PCK Platform CA"; })},
      {"pck_chain_names", "CA issued by another",
       in_pki([](P& p) { p.platform_ca.issuer.common_name = "SGX Root CA"; })},
      {"pck_chain_names",
       "the other CA stands in the chain",
       in_settings([](S& s) { s.pck_chain[1] = CertificateRole::processor_ca; }),
       {"pck_chain_signatures", "pck_crl_issuer", "pck_crl_signature"}},
      {"pck_chain_names",
       "no root in the chain",
       in_settings([](S& s) { s.pck_chain[2] = CertificateRole::processor_ca; }),
       {"pck_chain_constraints", "pck_chain_root", "pck_chain_signatures", "root_ca_crl_issuer",
        "root_ca_crl_signature", "tcb_info_chain_root", "qe_identity_chain_root"}},

      {"pck_chain_constraints", "PCK certificate is a CA",
       in_pki([](P& p) { p.pck.basic_constraints = {true, 0}; })},
      {"pck_chain_constraints", "CA is none",
       in_pki([](P& p) { p.platform_ca.basic_constraints = {false, std::nullopt}; })},
      {"pck_chain_constraints", "CA does not say that it is one",
       in_pki([](P& p) { p.platform_ca.basic_constraints.reset(); })},
      {"pck_chain_constraints", "CA may not sign certificates",
       in_pki([](P& p) { p.platform_ca.key_usage = kCrlSign; })},
      {"pck_chain_constraints", "CA may not sign CRLs",
       in_pki([](P& p) { p.platform_ca.key_usage = kKeyCertSign; })},
      {"pck_chain_constraints", "CA says nothing of its key",
       in_pki([](P& p) { p.platform_ca.key_usage.reset(); })},
      {"pck_chain_constraints", "root may have no CA below it",
       own_root([](C& root) { root.basic_constraints = {true, 0}; })},
      {"pck_chain_constraints",
       "root may not sign certificates",
       own_root([](C& root) { root.key_usage = kCrlSign; }),
       {"tcb_info_chain", "qe_identity_chain"}},

      {"pck_chain_root",
       "another root of the same name and key",
       in_pki([](P& p) { p.root.serial = {7}; }),
       {"tcb_info_chain_root", "qe_identity_chain_root"}},

      {"pck_chain_signatures", "PCK certificate signed by another key",
       in_pki([](P& p) { p.pck.signed_by = "somebody"; })},
      {"pck_chain_signatures", "CA signed by another key",
       in_pki([](P& p) { p.platform_ca.signed_by = "somebody"; })},
      {"pck_chain_signatures", "CA signed by another key, and not the one beside the PCK CRL",
       [](Evidence& e) {
         e.change_bundle = with_pck_crl_chain_of(e.settings);
         e.settings.pki.platform_ca.signed_by = "somebody";
       }},
      {"pck_chain_signatures",
       "CA signed by a root of the same name, which stands beside TCB info",
       [](Evidence& e) {
         e.change_bundle = with_tcb_info_chain_of(with_another_root(e.settings));
         e.settings.pki.platform_ca.signed_by = "somebody";
       },
       {"tcb_info_chain_root"}},
      {"pck_chain_not_expired", "", in_pki([](P& p) { p.pck.not_after = kNow - kSecond; })},
      {"pck_chain_not_before", "", in_pki([](P& p) { p.pck.not_before = kNow + kSecond; })},
      {"pck_sgx_extension", "missing", in_pki([](P& p) { p.pck.sgx_extension.reset(); })},
      {"pck_sgx_extension", "of an SGX type that there is not",
       in_pki([](P& p) { p.pck.sgx_extension->sgx_type = 3; })},
  };
}

std::vector<Fault> revocation_faults() {
  return {
      {"root_ca_crl_issuer", "another name",
       in_settings([](S& s) { s.root_ca_crl.issuer.common_name = "Somebody"; })},
      {"root_ca_crl_extensions", "no number",
       in_settings([](S& s) { s.root_ca_crl.crl_number.reset(); })},
      {"root_ca_crl_extensions", "no key identifier",
       in_settings([](S& s) { s.root_ca_crl.authority_key.reset(); })},
      {"root_ca_crl_signature", "another key",
       in_settings([](S& s) { s.root_ca_crl.signed_by = "somebody"; })},
      {"root_ca_crl_signature",
       "by a root of the same name, which stands beside TCB info",
       [](Evidence& e) {
         e.change_bundle = with_tcb_info_chain_of(with_another_root(e.settings));
         e.settings.root_ca_crl.signed_by = "somebody";
       },
       {"tcb_info_chain_root"}},
      {"root_ca_crl_not_expired", "",
       in_settings([](S& s) { s.root_ca_crl.next_update = kNow - kSecond; })},
      {"root_ca_crl_not_before", "",
       in_settings([](S& s) { s.root_ca_crl.this_update = kNow + kSecond; })},

      {"pck_crl_issuer", "another name",
       in_settings([](S& s) { s.pck_crl.issuer.common_name = "Somebody"; })},
      {"pck_crl_issuer",
       "the other CA's list",
       in_settings([](S& s) {
         s.pck_crl.issuer = s.pki.processor_ca.subject;
         s.pck_crl.signed_by = s.pki.processor_ca.key;
         s.pck_crl_issuer_chain[0] = CertificateRole::processor_ca;
       }),
       {"pck_crl_signature"}},
      {"pck_crl_issuer",
       "the root's list",
       in_bundle([](B& b) { b.pck_crl = b.root_ca_crl; }),
       {"pck_crl_signature"}},
      {"pck_crl_extensions", "no number", in_settings([](S& s) { s.pck_crl.crl_number.reset(); })},
      {"pck_crl_extensions", "no key identifier",
       in_settings([](S& s) { s.pck_crl.authority_key.reset(); })},
      {"pck_crl_signature", "another key",
       in_settings([](S& s) { s.pck_crl.signed_by = "somebody"; })},
      {"pck_crl_signature", "by a CA of the same name, which stands beside it",
       [](Evidence& e) {
         S other = e.settings;
         other.pki.platform_ca.key = "somebody";
         e.change_bundle = with_pck_crl_chain_of(other);
         e.settings.pck_crl.signed_by = "somebody";
       }},
      {"pck_crl_not_expired", "",
       in_settings([](S& s) { s.pck_crl.next_update = kNow - kSecond; })},
      {"pck_crl_not_before", "", in_settings([](S& s) { s.pck_crl.this_update = kNow + kSecond; })},

      {"pck_ca_not_revoked", "", in_settings([](S& s) {
         s.pki.platform_ca.serial = {0x11};
         s.root_ca_crl.revoked = {revoked(0x11)};
       })},
      {"pck_not_revoked", "", in_settings([](S& s) {
         s.pki.pck.serial = {0x12};
         s.pck_crl.revoked = {revoked(0x10), revoked(0x12), revoked(0x14)};
       })},
      {"pck_not_revoked", "from a day on that has not come", in_settings([](S& s) {
         s.pki.pck.serial = {0x12};
         s.pck_crl.revoked = {{.serial = {0x12}, .date = kNow + kDay}};
       })},
  };
}

std::vector<Fault> tcb_info_signature_faults() {
  return {
      {"tcb_info_chain", "a certificate is missing",
       in_settings([](S& s) { s.tcb_info_issuer_chain.pop_back(); })},
      {"tcb_info_chain", "a certificate too many",
       in_settings([](S& s) { s.tcb_info_issuer_chain.push_back(CertificateRole::root); })},
      {"tcb_info_chain", "signer is another end entity",
       tcb_info_chain([](S& s) { s.pki.tcb_signing.subject.common_name = "Somebody"; })},
      {"tcb_info_chain", "signer is one of the CAs", in_settings([](S& s) {
         s.tcb_info_issuer_chain = {CertificateRole::platform_ca, CertificateRole::root};
         s.tcb_info_signed_by = s.pki.platform_ca.key;
       })},
      {"tcb_info_chain", "signer is a CA",
       tcb_info_chain([](S& s) { s.pki.tcb_signing.basic_constraints = {true, 0}; })},
      {"tcb_info_chain", "signer issued by another",
       tcb_info_chain([](S& s) { s.pki.tcb_signing.issuer.common_name = "Somebody"; })},
      {"tcb_info_chain_root", "not the one that the PCK chain ends in",
       tcb_info_chain([](S& s) { s.pki.root.serial = {7}; })},
      {"tcb_info_chain_signature", "another key",
       tcb_info_chain([](S& s) { s.pki.tcb_signing.signed_by = "somebody"; })},
      {"tcb_info_signer_not_revoked", "", tcb_info_chain([](S& s) {
         s.pki.tcb_signing.serial = {0x13};
         s.root_ca_crl.revoked = {revoked(0x13)};
       })},
      {"tcb_info_signature", "another key",
       in_settings([](S& s) { s.tcb_info_signed_by = "somebody"; })},
      {"tcb_info_signature", "a changed bit", in_bundle([](B& b) { flip(b.tcb_info_signature); })},
      {"tcb_info_signature", "a blank more", in_bundle([](B& b) { b.tcb_info.insert(1, " "); })},
      {"tcb_info_unique_keys", "a second member, and the signature over both",
       with_repeated_name(&B::tcb_info, &B::tcb_info_signature, &S::tcb_info_signed_by)},
      {"tcb_info_chain_not_expired", "",
       tcb_info_chain([](S& s) { s.pki.tcb_signing.not_after = kNow - kSecond; })},
      {"tcb_info_chain_not_before", "",
       tcb_info_chain([](S& s) { s.pki.tcb_signing.not_before = kNow + kSecond; })},
      {"tcb_info_not_expired", "",
       in_settings([](S& s) { s.tdx_tcb_info.next_update = kNow - kSecond; })},
      {"tcb_info_not_before", "",
       in_settings([](S& s) { s.tdx_tcb_info.issue_date = kNow + kSecond; })},
  };
}

std::vector<Fault> qe_identity_signature_faults() {
  return {
      {"qe_identity_chain", "a certificate is missing",
       in_settings([](S& s) { s.qe_identity_issuer_chain.pop_back(); })},
      {"qe_identity_chain", "signer is another end entity",
       qe_identity_chain([](S& s) { s.pki.tcb_signing.subject.common_name = "Somebody"; })},
      {"qe_identity_chain", "signer is one of the CAs", in_settings([](S& s) {
         s.qe_identity_issuer_chain = {CertificateRole::platform_ca, CertificateRole::root};
         s.qe_identity_signed_by = s.pki.platform_ca.key;
       })},
      {"qe_identity_chain_root", "not the one that the PCK chain ends in",
       qe_identity_chain([](S& s) { s.pki.root.serial = {7}; })},
      {"qe_identity_chain_signature", "another key",
       qe_identity_chain([](S& s) { s.pki.tcb_signing.signed_by = "somebody"; })},
      {"qe_identity_signer_not_revoked", "", qe_identity_chain([](S& s) {
         s.pki.tcb_signing.serial = {0x14};
         s.root_ca_crl.revoked = {revoked(0x14)};
       })},
      {"qe_identity_signature", "another key",
       in_settings([](S& s) { s.qe_identity_signed_by = "somebody"; })},
      {"qe_identity_signature", "a changed bit",
       in_bundle([](B& b) { flip(b.qe_identity_signature); })},
      {"qe_identity_signature", "TCB info's",
       in_bundle([](B& b) { b.qe_identity_signature = b.tcb_info_signature; })},
      {"qe_identity_unique_keys", "a second member, and the signature over both",
       with_repeated_name(&B::qe_identity, &B::qe_identity_signature, &S::qe_identity_signed_by)},
      {"qe_identity_chain_not_expired", "",
       qe_identity_chain([](S& s) { s.pki.tcb_signing.not_after = kNow - kSecond; })},
      {"qe_identity_chain_not_before", "",
       qe_identity_chain([](S& s) { s.pki.tcb_signing.not_before = kNow + kSecond; })},
      {"qe_identity_not_expired", "",
       in_settings([](S& s) { s.td_qe_identity.next_update = kNow - kSecond; })},
      {"qe_identity_not_before", "",
       in_settings([](S& s) { s.td_qe_identity.issue_date = kNow + kSecond; })},
  };
}

}  // namespace quoin
