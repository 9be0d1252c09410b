#include <algorithm>
#include <utility>

#include "src/crypto/sha2.h"
#include "src/simulator/signing_key.h"
#include "src/verify/faults_testing.h"

namespace quoin {
namespace {

using S = simulator::PlatformSettings;
using P = simulator::PkiSettings;
using Q = simulator::QuoteParts;
using B = simulator::BundleParts;

// A change of every TDX module that TCB info describes.
Make modules(std::function<void(TdxModuleIdentity&)> change) {
  return [change = std::move(change)](Evidence& evidence) {
    for (auto& identity : *evidence.settings.tdx_tcb_info.tdx_module_identities) change(identity);
  };
}

}  // namespace

Make in_settings(std::function<void(S&)> change) {
  return [change = std::move(change)](Evidence& evidence) { change(evidence.settings); };
}

Make in_pki(std::function<void(P&)> change) {
  return [change = std::move(change)](Evidence& evidence) { change(evidence.settings.pki); };
}

Make in_quote(std::function<void(Q&)> change) {
  return [change = std::move(change)](Evidence& evidence) { evidence.change_quote = change; };
}

Make in_bundle(std::function<void(B&)> change) {
  return [change = std::move(change)](Evidence& evidence) { evidence.change_bundle = change; };
}

std::vector<Fault> platform_faults() {
  return {
      {"tcb_info_tee",
       "for SGX, and the quote is a TD's",
       in_settings([](S& s) {
         s.tdx_tcb_info.id = TcbInfoId::sgx;
         s.tdx_tcb_info.tdx_module.reset();
         s.tdx_tcb_info.tdx_module_identities.reset();
       }),
       {"tdx_module_identity"}},
      {"tcb_info_tee",
       "of version 2, and the quote is a TD's",
       in_settings([](S& s) {
         s.tdx_tcb_info.version = 2;
         s.tdx_tcb_info.id = TcbInfoId::sgx;
         s.tdx_tcb_info.tdx_module.reset();
         s.tdx_tcb_info.tdx_module_identities.reset();
       }),
       {"tdx_module_identity"}},
      {"tcb_info_tee", "for TDX, and the quote is an enclave's",
       [](Evidence& e) {
         e.body_type = BodyType::sgx_enclave_report;
         e.settings.sgx_tcb_info = e.settings.tdx_tcb_info;
       }},
      {"tcb_info_fmspc", "another in TCB info",
       in_settings([](S& s) { s.tdx_tcb_info.fmspc[5] ^= 1; })},
      {"tcb_info_fmspc", "another in the certificate",
       in_pki([](P& p) { p.pck.sgx_extension->fmspc[0] ^= 1; })},
      {"tcb_info_pce_id", "another in TCB info",
       in_settings([](S& s) { s.tdx_tcb_info.pce_id[1] ^= 1; })},
      {"tcb_info_pce_id", "another in the certificate",
       in_pki([](P& p) { p.pck.sgx_extension->pce_id[0] ^= 1; })},
      {"tdx_module_identity",
       "TCB info does not know the version",
       in_settings([](S& s) { s.tee_tcb_info.tee_tcb_svn[1] = 9; }),
       {"tcb_level"}},
      {"tdx_module_identity",
       "TCB info has no identities",
       in_settings([](S& s) { s.tdx_tcb_info.tdx_module_identities.reset(); }),
       {"tcb_level"}},
      {"tdx_module_mr_signer", "in TCB info",
       modules([](TdxModuleIdentity& m) { m.module.mr_signer[0] ^= 1; })},
      {"tdx_module_mr_signer", "in the report",
       [](Evidence& e) { e.td_report.mr_signer_seam[47] = 1; }},
      {"tdx_module_attributes", "in the report",
       [](Evidence& e) { e.td_report.seam_attributes[7] = 1; }},
      {"tdx_module_attributes", "not zero, though TCB info says so too",
       [](Evidence& e) {
         e.td_report.seam_attributes[7] = 1;
         modules([](TdxModuleIdentity& m) { m.module.attributes[7] = 1; })(e);
       }},
      {"tdx_module_attributes", "not zero in TCB info only, though the mask leaves it out",
       modules([](TdxModuleIdentity& m) {
         m.module.attributes[0] = 1;
         m.module.attributes_mask = {};
       })},
  };
}

std::vector<Fault> quoting_enclave_faults() {
  return {
      {"qe_report_signature", "another key",
       in_quote([](Q& q) { q.qe_report_signed_by = "somebody"; })},
      {"qe_report_data", "another attestation key", in_quote([](Q& q) {
         q.bind_attestation_key = false;
         q.qe_report.report_data.fill(0);
       })},
      {"qe_report_data", "the last byte of the digest", in_quote([](Q& q) {
         const auto key = simulator::SigningKey::derive(evidence_seed(), q.attestation_key);
         std::ranges::copy(sha256({key.public_key(), q.qe_authentication_data}),
                           q.qe_report.report_data.begin());
         q.qe_report.report_data[31] ^= 1;
         q.bind_attestation_key = false;
       })},
      {"qe_identity_tee", "the SGX QE's, and the quote is a TD's",
       in_settings([](S& s) { s.td_qe_identity.id = QeIdentityId::qe; })},
      {"qe_identity_tee", "the QVE's",
       in_settings([](S& s) { s.td_qe_identity.id = QeIdentityId::qve; })},
      {"qe_identity_tee", "the TD QE's, and the quote is an enclave's",
       [](Evidence& e) {
         e.body_type = BodyType::sgx_enclave_report;
         e.settings.qe_identity.id = QeIdentityId::td_qe;
       }},
      {"qe_identity_tee",
       "the SGX QE's in full, and the quote is a TD's",
       in_settings([](S& s) { s.td_qe_identity = s.qe_identity; }),
       {"qe_isv_prod_id"}},
      {"qe_miscselect", "in the report", in_quote([](Q& q) { q.qe_report.miscselect = 1; })},
      {"qe_miscselect", "in the identity, which its own mask leaves out", in_settings([](S& s) {
         s.td_qe_identity.miscselect = 1;
         s.td_qe_identity.miscselect_mask = 0;
       })},
      {"qe_attributes", "DEBUG", in_quote([](Q& q) { q.qe_report.attributes[0] |= 2; })},
      {"qe_attributes", "in the identity, which its own mask leaves out", in_settings([](S& s) {
         s.td_qe_identity.attributes[15] = 1;
         s.td_qe_identity.attributes_mask[15] = 0;
       })},
      {"qe_mr_signer", "", in_quote([](Q& q) { q.qe_report.mr_signer[31] ^= 1; })},
      {"qe_isv_prod_id", "", in_quote([](Q& q) { q.qe_report.isv_prod_id ^= 1; })},
      {"quote_signature", "another key", in_quote([](Q& q) { q.signed_by = "somebody"; })},

      {"tcb_level", "no level for the platform",
       in_pki([](P& p) { p.pck.sgx_extension->pce_svn = 0; })},
      {"tcb_level", "no level for the TDX module",
       in_settings([](S& s) { s.tee_tcb_info.tee_tcb_svn[0] = 0; })},
      {"tcb_level", "no level for the QE", in_quote([](Q& q) { q.qe_report.isv_svn = 0; })},
      {"tcb_level", "no level for the module that runs now",
       [](Evidence& e) {
         e.version = 5;
         e.body_type = BodyType::td_report_15;
         e.settings.tee_tcb_info.tee_tcb_svn2[0] = 0;
       }},
      {"tcb_level", "no identity of the module that runs now",
       [](Evidence& e) {
         e.version = 5;
         e.body_type = BodyType::td_report_15_ex;
         e.settings.tee_tcb_info.tee_tcb_svn2[1] = 9;
       }},
      {"tcb_level", "a status that we do not know", in_settings([](S& s) {
         for (auto& level : s.tdx_tcb_info.tcb_levels) level.status = TcbStatus::unrecognized;
       })},
      {"tcb_level", "a status that a QE cannot have", in_settings([](S& s) {
         s.td_qe_identity.tcb_levels[0].status = TcbStatus::sw_hardening_needed;
       })},
      {"tcb_level", "a status that a module cannot have", modules([](TdxModuleIdentity& m) {
         m.tcb_levels[0].status = TcbStatus::configuration_needed;
       })},
  };
}

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all = [] {
    std::vector<Fault> table;
    for (auto&& part :
         {certificate_faults(), revocation_faults(), tcb_info_signature_faults(),
          qe_identity_signature_faults(), platform_faults(), quoting_enclave_faults()}) {
      table.insert(table.end(), part.begin(), part.end());
    }
    return table;
  }();
  return all;
}

}  // namespace quoin
