#include "src/simulator/settings.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "src/crypto/sha2.h"

namespace quoin::simulator {
namespace {

using std::chrono::January;

constexpr auto kCollateralValidity = std::chrono::days(30);
constexpr UtcTime kCurrentTcbDate = std::chrono::sys_days(January / 1 / 2025);
constexpr UtcTime kOldTcbDate = std::chrono::sys_days(January / 1 / 2023);
constexpr uint32_t kTcbEvaluationDataNumber = 20;
constexpr std::string_view kAdvisory = "QUOIN-SIMULATOR-0001";

constexpr ByteArray<2> kPceId = {0, 0};
constexpr uint16_t kPceSvn = 13;
constexpr ByteArray<16> kCpuSvn = {3, 3, 2, 2, 4, 1, 0, 5};
constexpr ByteArray<16> kOldCpuSvn = {2, 2, 2, 2, 3, 1, 0, 5};
// The module's ISVSVN, its major version, and the SVN of the last microcode patch.
constexpr ByteArray<16> kTeeTcbSvn = {5, 1, 7};
constexpr ByteArray<16> kOldTeeTcbSvn = {3, 0, 5};
// VALID of TDX 1.5 (guest ABI): all fields up to TEE_TCB_SVN2.
constexpr ByteArray<8> kValid = {0xff, 0x01, 0x03};

constexpr uint16_t kQeProductId = 1;
constexpr uint16_t kTdQeProductId = 2;
constexpr uint16_t kQeIsvSvn = 8;
constexpr uint16_t kTdQeIsvSvn = 6;
// INIT, MODE64BIT and PROVISION_KEY; XFRM with what the processor has. And what an identity wants
// of them: all but MODE64BIT, whatever XFRM is.
constexpr ByteArray<16> kQeAttributes = {0x15, 0, 0, 0, 0, 0, 0, 0, 0xe7};
constexpr ByteArray<16> kQeIdentityAttributes = {0x11};
constexpr ByteArray<16> kQeIdentityAttributesMask = {0xfb, 0xff, 0xff, 0xff,
                                                     0xff, 0xff, 0xff, 0xff};

Sha256Digest hash_of(std::string_view name) {
  return sha256({as_bytes("quoin simulator: "), as_bytes(name)});
}

x509::SgxExtension sgx_extension(const Seed& seed, PckCa pck_ca) {
  x509::SgxExtension extension;
  extension.ppid = derive_public_array<16>(seed, "PPID");
  extension.tcb_components = kCpuSvn;
  extension.pce_svn = kPceSvn;
  extension.cpu_svn = kCpuSvn;
  extension.pce_id = kPceId;
  extension.fmspc = kFmspc;
  // Only what the Platform CA issues says more of the platform.
  if (pck_ca == PckCa::platform) {
    extension.sgx_type = 1;
    extension.platform_instance_id = derive_public_array<16>(seed, "platform instance");
    extension.configuration =
        x509::SgxConfiguration{.dynamic_platform = true, .cached_keys = false, .smt_enabled = true};
  }
  return extension;
}

CrlSettings crl_of(const CertificateSettings& ca, UtcTime issued) {
  CrlSettings crl;
  crl.signed_by = ca.key;
  crl.issuer = ca.subject;
  crl.authority_key = ca.key;
  crl.this_update = issued;
  crl.next_update = issued + kCollateralValidity;
  return crl;
}

TcbInfo tcb_info(TcbInfoId id, UtcTime issued) {
  TcbInfo info;
  info.id = id;
  info.version = 3;
  info.issue_date = issued;
  info.next_update = issued + kCollateralValidity;
  info.fmspc = kFmspc;
  info.pce_id = kPceId;
  info.tcb_evaluation_data_number = kTcbEvaluationDataNumber;
  TcbLevel current;
  current.sgx_tcb_components = kCpuSvn;
  current.pce_svn = kPceSvn;
  current.tcb_date = kCurrentTcbDate;
  current.status = TcbStatus::up_to_date;
  TcbLevel old;
  old.sgx_tcb_components = kOldCpuSvn;
  old.pce_svn = kPceSvn - 2;
  old.tcb_date = kOldTcbDate;
  old.status = TcbStatus::out_of_date;
  old.advisory_ids = {std::string(kAdvisory)};
  if (id == TcbInfoId::tdx) {
    // The module's own SVN and version are the identities' business.
    current.tdx_tcb_components = kTeeTcbSvn;
    current.tdx_tcb_components[1] = 0;
    old.tdx_tcb_components = kOldTeeTcbSvn;
  }
  info.tcb_levels = {current, old};
  return info;
}

std::vector<IsvSvnTcbLevel> isv_svn_levels(uint16_t current_svn) {
  IsvSvnTcbLevel current;
  current.isv_svn = current_svn;
  current.tcb_date = kCurrentTcbDate;
  current.status = TcbStatus::up_to_date;
  IsvSvnTcbLevel old;
  old.isv_svn = static_cast<uint16_t>(current_svn - 2);
  old.tcb_date = kOldTcbDate;
  old.status = TcbStatus::out_of_date;
  old.advisory_ids = {std::string(kAdvisory)};
  return {current, old};
}

TcbInfo tdx_tcb_info(UtcTime issued) {
  TcbInfo info = tcb_info(TcbInfoId::tdx, issued);
  TdxModule module;
  module.attributes_mask.fill(0xff);
  info.tdx_module = module;
  info.tdx_module_identities = {
      {.id = "TDX_03", .module = module, .tcb_levels = isv_svn_levels(3)},
      {.id = "TDX_01", .module = module, .tcb_levels = isv_svn_levels(kTeeTcbSvn[0])}};
  return info;
}

EnclaveReport quoting_enclave(std::string_view name, uint16_t product_id, uint16_t isv_svn) {
  EnclaveReport report;
  report.cpu_svn = kCpuSvn;
  report.attributes = kQeAttributes;
  report.mr_enclave = hash_of(name);
  report.mr_signer = hash_of("quoting enclaves' mrsigner");
  report.isv_prod_id = product_id;
  report.isv_svn = isv_svn;
  return report;
}

QeIdentity identity_of(const EnclaveReport& enclave, QeIdentityId id, UtcTime issued) {
  QeIdentity identity;
  identity.id = id;
  identity.version = 2;
  identity.issue_date = issued;
  identity.next_update = issued + kCollateralValidity;
  identity.tcb_evaluation_data_number = kTcbEvaluationDataNumber;
  identity.miscselect_mask = 0xffffffff;
  identity.attributes = kQeIdentityAttributes;
  identity.attributes_mask = kQeIdentityAttributesMask;
  identity.mr_signer = enclave.mr_signer;
  identity.isv_prod_id = enclave.isv_prod_id;
  identity.tcb_levels = isv_svn_levels(enclave.isv_svn);
  return identity;
}

TdReportStruct::TeeTcbInfo tee_tcb_info() {
  TdReportStruct::TeeTcbInfo info;
  info.valid = kValid;
  info.tee_tcb_svn = kTeeTcbSvn;
  info.mr_seam = sha384(as_bytes("quoin simulator: mrseam"));
  // MRSIGNERSEAM of Intel's own modules is zero, and TCB info says so.
  info.tee_tcb_svn2 = kTeeTcbSvn;
  return info;
}

}  // namespace

PlatformSettings default_settings(const Seed& seed, UtcTime issued, PckCa pck_ca) {
  const bool platform = pck_ca == PckCa::platform;
  const CertificateRole ca_role =
      platform ? CertificateRole::platform_ca : CertificateRole::processor_ca;
  PlatformSettings settings;
  settings.pki = default_pki(pck_ca, sgx_extension(seed, pck_ca));
  settings.root_ca_crl = crl_of(settings.pki.root, issued);
  settings.pck_crl =
      crl_of(platform ? settings.pki.platform_ca : settings.pki.processor_ca, issued);

  settings.pck_chain = {CertificateRole::pck, ca_role, CertificateRole::root};
  settings.pck_crl_issuer_chain = {ca_role, CertificateRole::root};
  settings.tcb_info_issuer_chain = {CertificateRole::tcb_signing, CertificateRole::root};
  settings.qe_identity_issuer_chain = settings.tcb_info_issuer_chain;

  settings.td_qe = quoting_enclave("TD QE's mrenclave", kTdQeProductId, kTdQeIsvSvn);
  settings.qe = quoting_enclave("QE's mrenclave", kQeProductId, kQeIsvSvn);
  settings.tdx_tcb_info = tdx_tcb_info(issued);
  settings.sgx_tcb_info = tcb_info(TcbInfoId::sgx, issued);
  settings.td_qe_identity = identity_of(settings.td_qe, QeIdentityId::td_qe, issued);
  settings.qe_identity = identity_of(settings.qe, QeIdentityId::qe, issued);

  settings.cpu_svn = kCpuSvn;
  settings.tee_tcb_info = tee_tcb_info();
  // What real quotes have there: the bytes 0 to 31.
  settings.qe_authentication_data.resize(32);
  std::iota(settings.qe_authentication_data.begin(), settings.qe_authentication_data.end(),
            uint8_t{0});
  std::ranges::copy(derive_public_array<16>(seed, "QE ID"), settings.quote_user_data.begin());
  return settings;
}

EnclaveReport default_enclave_report(const ByteArray<64>& report_data) {
  EnclaveReport report;
  report.cpu_svn = kCpuSvn;
  // INIT and MODE64BIT; XFRM as above.
  report.attributes = {0x05, 0, 0, 0, 0, 0, 0, 0, 0xe7};
  report.mr_enclave = hash_of("mrenclave");
  report.mr_signer = hash_of("mrsigner");
  report.report_data = report_data;
  return report;
}

}  // namespace quoin::simulator
