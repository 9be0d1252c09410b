#include "src/simulator/platform.h"

#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/simulator/signing_key.h"
#include "src/simulator/tcb_writer.h"

namespace quoin::simulator {
namespace {

// What verifiers ask of a header (Intel TDX DCAP Quoting Library API, A.3.1): ECDSA-256-with-P-256,
// and Intel as the QE's vendor, which is part of the format.
constexpr uint16_t kEcdsaP256 = 2;
constexpr ByteArray<16> kIntelQeVendorId = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                            0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};

Bytes to_bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

}  // namespace

Platform::Platform(Seed seed, UtcTime issued)
    : seed_(std::move(seed)),
      settings_(default_settings(seed_, issued)),
      certificates_(write_pki(seed_, settings_.pki)) {}

Platform::Platform(Seed seed, PlatformSettings settings)
    : seed_(std::move(seed)),
      settings_(std::move(settings)),
      certificates_(write_pki(seed_, settings_.pki)) {}

BundleParts Platform::collateral(TeeType tee_type) const {
  const bool tdx = tee_type == TeeType::tdx;
  BundleParts parts;
  parts.pck_crl_issuer_chain = pem_chain(certificates_, settings_.pck_crl_issuer_chain);
  parts.root_ca_crl = write_crl(seed_, settings_.root_ca_crl);
  parts.pck_crl = write_crl(seed_, settings_.pck_crl);
  parts.tcb_info_issuer_chain = pem_chain(certificates_, settings_.tcb_info_issuer_chain);
  parts.tcb_info = write_tcb_info(tdx ? settings_.tdx_tcb_info : settings_.sgx_tcb_info);
  parts.tcb_info_signature =
      SigningKey::derive(seed_, settings_.tcb_info_signed_by).sign(as_bytes(parts.tcb_info));
  parts.qe_identity_issuer_chain = pem_chain(certificates_, settings_.qe_identity_issuer_chain);
  parts.qe_identity = write_qe_identity(tdx ? settings_.td_qe_identity : settings_.qe_identity);
  parts.qe_identity_signature =
      SigningKey::derive(seed_, settings_.qe_identity_signed_by).sign(as_bytes(parts.qe_identity));
  return parts;
}

Bytes Platform::collateral_bundle(TeeType tee_type) const {
  return write_bundle(collateral(tee_type));
}

Bytes Platform::td_report(const TdState& state, const ByteArray<64>& report_data) const {
  return serialise(
      make_td_report(seed_, settings_.cpu_svn, settings_.tee_tcb_info, state, report_data));
}

Result<Bytes> Platform::quote(ByteView td_report) const {
  const TdReportStruct report = TRY(parse_td_report(td_report));
  TRY(check_td_report(seed_, report));
  const QuoteBody body = TRY(td_quote_body(report));
  const uint16_t version = std::holds_alternative<TdReport10>(body) ? 4 : 5;
  return write_quote(seed_, quote_parts(body, version));
}

QuoteParts Platform::quote_parts(const QuoteBody& body, uint16_t version) const {
  const bool sgx = std::holds_alternative<EnclaveReport>(body);
  QuoteParts parts;
  parts.header.version = version;
  parts.header.attestation_key_type = kEcdsaP256;
  parts.header.tee_type = sgx ? TeeType::sgx : TeeType::tdx;
  parts.header.qe_vendor_id = kIntelQeVendorId;
  parts.header.user_data = settings_.quote_user_data;
  parts.qe_report = sgx ? settings_.qe : settings_.td_qe;
  if (version == 3) {
    parts.header.qe_svn = parts.qe_report.isv_svn;
    if (settings_.pki.pck.sgx_extension) {
      parts.header.pce_svn = settings_.pki.pck.sgx_extension->pce_svn;
    }
  }
  parts.body = body;
  parts.qe_authentication_data = settings_.qe_authentication_data;
  parts.certification_data = certification_data(parts.certification_data_type);
  return parts;
}

// The layouts of types 1 to 3 are sgx_ql_ppid_cleartext_cert_info_t and its like in
// intel/SGXDataCenterAttestationPrimitives, sgx_quote_3.h: PPID, CPUSVN, PCESVN, PCEID.
Bytes Platform::certification_data(CertificationDataType type) const {
  const x509::SgxExtension platform =
      settings_.pki.pck.sgx_extension.value_or(x509::SgxExtension());
  Bytes ppid;
  switch (type) {
    case CertificationDataType::ppid_plain:
      ppid.assign(platform.ppid.begin(), platform.ppid.end());
      break;
    case CertificationDataType::ppid_rsa2048_encrypted:
      ppid = derive_public_bytes(seed_, "PPID under RSA-2048", 256);
      break;
    case CertificationDataType::ppid_rsa3072_encrypted:
      ppid = derive_public_bytes(seed_, "PPID under RSA-3072", 384);
      break;
    case CertificationDataType::pck_leaf:
      return to_bytes(pem_chain(certificates_, {CertificateRole::pck}));
    case CertificationDataType::pck_chain:
      return to_bytes(pem_chain(certificates_, settings_.pck_chain));
    case CertificationDataType::qe_report:
      return {};
  }
  Writer out;
  out.bytes(ppid).bytes(platform.cpu_svn).u16le(platform.pce_svn).bytes(platform.pce_id);
  return out.take();
}

}  // namespace quoin::simulator
