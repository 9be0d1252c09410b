#include <algorithm>
#include <array>
#include <vector>

#include "fuzz/mutants/mutations.h"
#include "src/simulator/der_writer.h"

namespace quoin::mutants {
namespace {

using simulator::CertificateRole;
using simulator::CertificateSettings;
using simulator::CrlSettings;
using simulator::RevokedCertificate;

constexpr std::array kRoles = {CertificateRole::root, CertificateRole::platform_ca,
                               CertificateRole::processor_ca, CertificateRole::pck,
                               CertificateRole::tcb_signing};

// One of those that verification looks at; the root seldom, as then nothing else is trusted.
CertificateSettings& certificate_of(Subject& subject, Random& random) {
  auto& pki = subject.settings.pki;
  if (random.percent(8)) return pki.root;
  switch (random.below(3)) {
    case 0:
      return subject.settings.pck_chain[1] == CertificateRole::processor_ca ? pki.processor_ca
                                                                            : pki.platform_ca;
    case 1:
      return pki.tcb_signing;
    default:
      return pki.pck;
  }
}

CrlSettings& crl_of(Subject& subject, Random& random) {
  return random.percent(50) ? subject.settings.root_ca_crl : subject.settings.pck_crl;
}

std::vector<CertificateRole>& chain_of(Subject& subject, Random& random) {
  auto& settings = subject.settings;
  switch (random.below(4)) {
    case 0:
      return settings.tcb_info_issuer_chain;
    case 1:
      return settings.qe_identity_issuer_chain;
    case 2:
      return settings.pck_crl_issuer_chain;
    default:
      return settings.pck_chain;
  }
}

std::optional<x509::SgxExtension>& extension_of(Subject& subject) {
  return subject.settings.pki.pck.sgx_extension;
}

// An extension of arc 2.5.29 with an INTEGER in it.
Bytes extension(uint32_t arc, bool critical) {
  return simulator::der_extension(simulator::der_object_identifier({2, 5, 29, arc}), critical,
                                  simulator::der_integer(5));
}

void revoke(Subject& subject, Random& random, const Bytes& serial) {
  CrlSettings& crl = crl_of(subject, random);
  crl.revoked.push_back({.serial = serial, .date = kNow - std::chrono::days(9)});
  if (random.percent(30)) crl.revoked.back().reason.reset();
}

using S = Subject;
using R = Random;

constexpr Mutation<Subject> kFaults[] = {
    {"cert.not_before", [](S& s, R& r) { certificate_of(s, r).not_before = near_now(r); }},
    {"cert.not_after", [](S& s, R& r) { certificate_of(s, r).not_after = near_now(r); }},
    {"cert.name",
     [](S& s, R& r) {
       auto& name = certificate_of(s, r).subject.common_name;
       if (name.empty()) return;
       name[r.below(name.size())] = 'x';
     }},
    {"cert.name.with_issued",
     [](S& s, R&) {
       auto& settings = s.settings;
       settings.pki.platform_ca.subject.common_name = "Somebody's CA";
       settings.pki.pck.issuer = settings.pki.platform_ca.subject;
       settings.pck_crl.issuer = settings.pki.platform_ca.subject;
     }},
    {"cert.issuer", [](S& s, R& r) { certificate_of(s, r).issuer.common_name = "Somebody"; }},
    {"cert.signed_by", [](S& s, R& r) { certificate_of(s, r).signed_by = "somebody"; }},
    {"cert.key", [](S& s, R& r) { certificate_of(s, r).key = "somebody"; }},
    {"cert.constraints.none", [](S& s, R& r) { certificate_of(s, r).basic_constraints.reset(); }},
    {"cert.constraints.ca",
     [](S& s, R& r) {
       certificate_of(s, r).basic_constraints = {.ca = r.percent(50), .path_length = {}};
     }},
    {"cert.path_length",
     [](S& s, R& r) {
       certificate_of(s, r).basic_constraints = {.ca = true,
                                                 .path_length = static_cast<uint32_t>(r.below(3))};
     }},
    {"cert.key_usage.none", [](S& s, R& r) { certificate_of(s, r).key_usage.reset(); }},
    {"cert.key_usage",
     [](S& s, R& r) {
       certificate_of(s, r).key_usage = static_cast<uint16_t>(1U << (5 + r.below(2)));
     }},
    {"cert.serial",
     [](S& s, R& r) { certificate_of(s, r).serial = {static_cast<uint8_t>(1 + r.below(9))}; }},
    {"cert.authority_key.none", [](S& s, R& r) { certificate_of(s, r).authority_key.reset(); }},
    {"cert.subject_key.none",
     [](S& s, R& r) { certificate_of(s, r).subject_key_identifier = false; }},
    {"cert.unknown_extension",
     [](S& s, R& r) { certificate_of(s, r).more_extensions = extension(99, r.percent(50)); }},
    {"cert.same_extension",
     [](S& s, R& r) { certificate_of(s, r).more_extensions = extension(14, false); }},

    {"crl.issuer", [](S& s, R& r) { crl_of(s, r).issuer.common_name = "Somebody"; }},
    {"crl.other_ca",
     [](S& s, R&) {
       s.settings.pck_crl.issuer = s.settings.pki.processor_ca.subject;
       s.settings.pck_crl.signed_by = s.settings.pki.processor_ca.key;
     }},
    {"crl.signed_by", [](S& s, R& r) { crl_of(s, r).signed_by = "somebody"; }},
    {"crl.this_update", [](S& s, R& r) { crl_of(s, r).this_update = near_now(r); }},
    {"crl.next_update", [](S& s, R& r) { crl_of(s, r).next_update = near_now(r); }},
    {"crl.next_update.none", [](S& s, R& r) { crl_of(s, r).next_update.reset(); }},
    {"crl.number.none", [](S& s, R& r) { crl_of(s, r).crl_number.reset(); }},
    {"crl.authority_key.none", [](S& s, R& r) { crl_of(s, r).authority_key.reset(); }},
    {"crl.no_extensions",
     [](S& s, R& r) {
       CrlSettings& crl = crl_of(s, r);
       crl.crl_number.reset();
       crl.authority_key.reset();
     }},
    {"crl.unknown_extension",
     [](S& s, R& r) { crl_of(s, r).more_extensions = extension(99, r.percent(50)); }},
    {"crl.delta", [](S& s, R& r) { crl_of(s, r).more_extensions = extension(27, true); }},
    {"crl.issuing_point",
     [](S& s, R& r) { crl_of(s, r).more_extensions = extension(28, r.percent(50)); }},
    {"crl.revokes_pck",
     [](S& s, R& r) {
       s.settings.pki.pck.serial = {0x21, 0x43};
       revoke(s, r, s.settings.pki.pck.serial);
     }},
    {"crl.revokes_ca",
     [](S& s, R& r) {
       s.settings.pki.platform_ca.serial = {0x22, 0x43};
       revoke(s, r, s.settings.pki.platform_ca.serial);
     }},
    {"crl.revokes_signer",
     [](S& s, R& r) {
       s.settings.pki.tcb_signing.serial = {0x23, 0x43};
       revoke(s, r, s.settings.pki.tcb_signing.serial);
     }},
    {"crl.revokes_others",
     [](S& s, R& r) {
       s.settings.pki.pck.serial = {0x21, 0x43};
       for (uint8_t i = 0; i < 5; ++i) revoke(s, r, {0x21, static_cast<uint8_t>(0x41 + i)});
       if (r.percent(50))
         std::erase_if(s.settings.pck_crl.revoked,
                       [](const RevokedCertificate& c) { return c.serial == Bytes{0x21, 0x43}; });
     }},

    {"root.serial", [](S& s, R&) { s.settings.pki.root.serial = {7}; }},
    {"chain.swap",
     [](S& s, R& r) {
       auto& chain = chain_of(s, r);
       if (!chain.empty()) std::swap(chain.front(), r.pick(chain));
     }},
    {"chain.reverse", [](S& s, R& r) { std::ranges::reverse(chain_of(s, r)); }},
    {"chain.drop",
     [](S& s, R& r) {
       auto& chain = chain_of(s, r);
       if (!chain.empty())
         chain.erase(chain.begin() + static_cast<ptrdiff_t>(r.below(chain.size())));
     }},
    {"chain.add", [](S& s, R& r) { chain_of(s, r).push_back(r.pick(kRoles)); }},
    {"chain.other",
     [](S& s, R& r) {
       auto& chain = chain_of(s, r);
       if (!chain.empty()) r.pick(chain) = r.pick(kRoles);
     }},

    {"sgx.none", [](S& s, R&) { extension_of(s).reset(); }},
    {"sgx.fmspc",
     [](S& s, R& r) {
       if (extension_of(s)) flip(extension_of(s)->fmspc, r);
     }},
    {"sgx.pce_id",
     [](S& s, R& r) {
       if (extension_of(s)) flip(extension_of(s)->pce_id, r);
     }},
    {"sgx.no_instance",
     [](S& s, R&) {
       if (extension_of(s)) extension_of(s)->platform_instance_id.reset();
     }},
    {"sgx.no_configuration",
     [](S& s, R&) {
       if (extension_of(s)) extension_of(s)->configuration.reset();
     }},
    {"sgx.ppid",
     [](S& s, R& r) {
       if (extension_of(s)) flip(extension_of(s)->ppid, r);
     }},
};

}  // namespace

std::span<const Mutation<Subject>> pki_faults() { return kFaults; }

}  // namespace quoin::mutants
