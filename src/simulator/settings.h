// What a simulated platform is: every statement that its certificates, collateral and reports make.

#ifndef QUOIN_SRC_SIMULATOR_SETTINGS_H_
#define QUOIN_SRC_SIMULATOR_SETTINGS_H_

#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/collateral.h"
#include "quoin/quote.h"
#include "quoin/time.h"
#include "src/simulator/crl_writer.h"
#include "src/simulator/derive.h"
#include "src/simulator/pki.h"

namespace quoin::simulator {

// "QUOIN" and a zero byte. Intel derives an FMSPC from the CPUID signature, whose reserved bits
// these letters set: no platform of Intel's has it.
inline constexpr ByteArray<6> kFmspc = {'Q', 'U', 'O', 'I', 'N', 0};

// Plain values: change what you want to be different. One member says one thing in one place, so
// a change makes exactly one fault: a PCK certificate with another FMSPC, say, is
// `pki.pck.sgx_extension->fmspc`, while `tdx_tcb_info.fmspc` stays.
struct PlatformSettings {
  PkiSettings pki;
  CrlSettings root_ca_crl;
  CrlSettings pck_crl;  // of the CA that issued the PCK certificate

  TcbInfo tdx_tcb_info;
  TcbInfo sgx_tcb_info;
  QeIdentity td_qe_identity;
  QeIdentity qe_identity;
  std::string tcb_info_signed_by = std::string(kTcbSigningKey);
  std::string qe_identity_signed_by = std::string(kTcbSigningKey);

  // Which certificates stand in each chain, in order.
  std::vector<CertificateRole> pck_chain;
  std::vector<CertificateRole> pck_crl_issuer_chain;
  std::vector<CertificateRole> tcb_info_issuer_chain;
  std::vector<CertificateRole> qe_identity_issuer_chain;

  // The processor and the TDX module.
  ByteArray<16> cpu_svn{};
  TdReportStruct::TeeTcbInfo tee_tcb_info;

  // The quoting enclaves, for TDs and for enclaves. Their report_data is made with each quote.
  EnclaveReport td_qe;
  EnclaveReport qe;
  Bytes qe_authentication_data;
  ByteArray<20> quote_user_data{};  // begins with the QE ID
};

// A platform that is UpToDate, with a TCB level and a module level above which it stands and others
// below, which are OutOfDate. TCB info, QE identities and CRLs are of the time `issued` and hold
// for 30 days.
PlatformSettings default_settings(const Seed& seed, UtcTime issued, PckCa pck_ca = PckCa::platform);

// An enclave that an SGX quote may be about: MRENCLAVE and MRSIGNER are SHA-256 of the texts "quoin
// simulator: mrenclave" and "quoin simulator: mrsigner".
EnclaveReport default_enclave_report(const ByteArray<64>& report_data);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_SETTINGS_H_
