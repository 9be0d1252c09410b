// The rules of verification, by name, and where each is written. Each lives in one function.

#ifndef QUOIN_SRC_VERIFY_RULES_H_
#define QUOIN_SRC_VERIFY_RULES_H_

#include <array>
#include <string_view>

namespace quoin {

struct Rule {
  std::string_view id;
  std::string_view source;
};

// Sources: "QVL n" is Intel's Quote Verification Library, the section numbers that its source
// cites (intel/confidential-computing.tee.dcap.qvl, Src/AttestationLibrary/src); "stricter than
// Intel" marks a rule of ours that Intel's library does not have.
namespace rules {

// The platform's certificates.
inline constexpr Rule kCertificationData = {"certification_data", "QVL Quote::validate; type 5"};
inline constexpr Rule kPckChainNames = {"pck_chain_names", "QVL PckCertVerifier, 4.1.2.5.5"};
inline constexpr Rule kPckChainConstraints = {"pck_chain_constraints",
                                              "RFC 5280 6.1.4 (k)-(n); stricter than Intel"};
inline constexpr Rule kPckChainRoot = {"pck_chain_root", "QVL PckCertVerifier: trusted root"};
inline constexpr Rule kPckChainSignatures = {"pck_chain_signatures",
                                             "QVL PckCertVerifier; RFC 5280 6.1.3 (a)(1)"};
inline constexpr Rule kPckChainNotExpired = {"pck_chain_not_expired", "QVL PckCertVerifier"};
inline constexpr Rule kPckChainNotBefore = {"pck_chain_not_before",
                                            "RFC 5280 6.1.3 (a)(2); stricter than Intel"};
inline constexpr Rule kPckSgxExtension = {"pck_sgx_extension",
                                          "Intel SGX PCK Certificate Profile, 1.3.5"};

// What has been revoked.
inline constexpr Rule kRootCaCrlIssuer = {"root_ca_crl_issuer", "QVL PckCrlVerifier"};
inline constexpr Rule kRootCaCrlExtensions = {"root_ca_crl_extensions", "QVL PckCrlVerifier"};
inline constexpr Rule kRootCaCrlSignature = {"root_ca_crl_signature", "QVL PckCrlVerifier"};
inline constexpr Rule kRootCaCrlNotExpired = {"root_ca_crl_not_expired", "QVL PckCertVerifier"};
inline constexpr Rule kRootCaCrlNotBefore = {"root_ca_crl_not_before",
                                             "RFC 5280 5.1.2.4; stricter than Intel"};
inline constexpr Rule kPckCrlIssuer = {"pck_crl_issuer", "QVL PckCrlVerifier, 4.1.2.5.7"};
inline constexpr Rule kPckCrlExtensions = {"pck_crl_extensions", "QVL PckCrlVerifier"};
inline constexpr Rule kPckCrlSignature = {"pck_crl_signature", "QVL PckCrlVerifier"};
inline constexpr Rule kPckCrlNotExpired = {"pck_crl_not_expired", "QVL PckCertVerifier"};
inline constexpr Rule kPckCrlNotBefore = {"pck_crl_not_before",
                                          "RFC 5280 5.1.2.4; stricter than Intel"};
inline constexpr Rule kPckCaNotRevoked = {"pck_ca_not_revoked", "QVL PckCertVerifier"};
inline constexpr Rule kPckNotRevoked = {"pck_not_revoked", "QVL PckCertVerifier, 4.1.2.5.8"};

// TCB info is Intel's, and holds now.
inline constexpr Rule kTcbInfoChain = {"tcb_info_chain", "QVL TCBSigningChain"};
inline constexpr Rule kTcbInfoChainRoot = {"tcb_info_chain_root", "QVL TCBSigningChain"};
inline constexpr Rule kTcbInfoChainSignature = {"tcb_info_chain_signature", "QVL TCBSigningChain"};
inline constexpr Rule kTcbInfoSignerNotRevoked = {"tcb_info_signer_not_revoked",
                                                  "QVL TCBSigningChain"};
inline constexpr Rule kTcbInfoSignature = {"tcb_info_signature", "QVL TCBInfoVerifier"};
inline constexpr Rule kTcbInfoChainNotExpired = {"tcb_info_chain_not_expired",
                                                 "QVL TCBInfoVerifier"};
inline constexpr Rule kTcbInfoChainNotBefore = {"tcb_info_chain_not_before",
                                                "RFC 5280 6.1.3 (a)(2); stricter than Intel"};
inline constexpr Rule kTcbInfoNotExpired = {"tcb_info_not_expired", "QVL TCBInfoVerifier"};
inline constexpr Rule kTcbInfoNotBefore = {"tcb_info_not_before",
                                           "PCS API v4, issueDate; stricter than Intel"};

// QE identity is Intel's, and holds now.
inline constexpr Rule kQeIdentityChain = {"qe_identity_chain", "QVL TCBSigningChain"};
inline constexpr Rule kQeIdentityChainRoot = {"qe_identity_chain_root", "QVL TCBSigningChain"};
inline constexpr Rule kQeIdentityChainSignature = {"qe_identity_chain_signature",
                                                   "QVL TCBSigningChain"};
inline constexpr Rule kQeIdentitySignerNotRevoked = {"qe_identity_signer_not_revoked",
                                                     "QVL TCBSigningChain"};
inline constexpr Rule kQeIdentitySignature = {"qe_identity_signature",
                                              "QVL EnclaveIdentityVerifier"};
inline constexpr Rule kQeIdentityChainNotExpired = {"qe_identity_chain_not_expired",
                                                    "QVL EnclaveIdentityVerifier"};
inline constexpr Rule kQeIdentityChainNotBefore = {"qe_identity_chain_not_before",
                                                   "RFC 5280 6.1.3 (a)(2); stricter than Intel"};
inline constexpr Rule kQeIdentityNotExpired = {"qe_identity_not_expired",
                                               "QVL EnclaveIdentityVerifier"};
inline constexpr Rule kQeIdentityNotBefore = {"qe_identity_not_before",
                                              "PCS API v4, issueDate; stricter than Intel"};

// TCB info is about this platform, and knows its TDX module.
inline constexpr Rule kTcbInfoTee = {"tcb_info_tee", "QVL QuoteVerifier, 4.1.2.5.10"};
inline constexpr Rule kTcbInfoFmspc = {"tcb_info_fmspc", "QVL QuoteVerifier, 4.1.2.5.11"};
inline constexpr Rule kTcbInfoPceId = {"tcb_info_pce_id", "QVL QuoteVerifier, 4.1.2.5.11"};
inline constexpr Rule kTdxModuleIdentity = {"tdx_module_identity", "QVL QuoteVerifier, 4.1.2.5.12"};
inline constexpr Rule kTdxModuleMrSigner = {"tdx_module_mr_signer",
                                            "QVL QuoteVerifier, 4.1.2.5.12.1"};
inline constexpr Rule kTdxModuleAttributes = {"tdx_module_attributes",
                                              "QVL QuoteVerifier, 4.1.2.5.12.2"};

// The quoting enclave is Intel's, and the quote is its.
inline constexpr Rule kQeReportSignature = {"qe_report_signature", "QVL QuoteVerifier, 4.1.2.5.13"};
inline constexpr Rule kQeReportData = {"qe_report_data", "QVL QuoteVerifier, 4.1.2.5.14"};
inline constexpr Rule kQeIdentityTee = {"qe_identity_tee", "QVL QuoteVerifier, 4.1.2.5.15"};
inline constexpr Rule kQeMiscselect = {"qe_miscselect", "QVL EnclaveReportVerifier, 4.1.2.9.5"};
inline constexpr Rule kQeAttributes = {"qe_attributes", "QVL EnclaveReportVerifier, 4.1.2.9.6"};
inline constexpr Rule kQeMrSigner = {"qe_mr_signer", "QVL EnclaveReportVerifier, 4.1.2.9.7"};
inline constexpr Rule kQeIsvProdId = {"qe_isv_prod_id", "QVL EnclaveReportVerifier, 4.1.2.9.8"};
inline constexpr Rule kQuoteSignature = {"quote_signature", "QVL QuoteVerifier, 4.1.2.5.17"};

// The platform's TCB has a status.
inline constexpr Rule kTcbLevel = {"tcb_level", "QVL EvaluateTcb, 4.1.2.5.2"};

inline constexpr std::array kAll = {
    kCertificationData,
    kPckChainNames,
    kPckChainConstraints,
    kPckChainRoot,
    kPckChainSignatures,
    kPckChainNotExpired,
    kPckChainNotBefore,
    kPckSgxExtension,
    kRootCaCrlIssuer,
    kRootCaCrlExtensions,
    kRootCaCrlSignature,
    kRootCaCrlNotExpired,
    kRootCaCrlNotBefore,
    kPckCrlIssuer,
    kPckCrlExtensions,
    kPckCrlSignature,
    kPckCrlNotExpired,
    kPckCrlNotBefore,
    kPckCaNotRevoked,
    kPckNotRevoked,
    kTcbInfoChain,
    kTcbInfoChainRoot,
    kTcbInfoChainSignature,
    kTcbInfoSignerNotRevoked,
    kTcbInfoSignature,
    kTcbInfoChainNotExpired,
    kTcbInfoChainNotBefore,
    kTcbInfoNotExpired,
    kTcbInfoNotBefore,
    kQeIdentityChain,
    kQeIdentityChainRoot,
    kQeIdentityChainSignature,
    kQeIdentitySignerNotRevoked,
    kQeIdentitySignature,
    kQeIdentityChainNotExpired,
    kQeIdentityChainNotBefore,
    kQeIdentityNotExpired,
    kQeIdentityNotBefore,
    kTcbInfoTee,
    kTcbInfoFmspc,
    kTcbInfoPceId,
    kTdxModuleIdentity,
    kTdxModuleMrSigner,
    kTdxModuleAttributes,
    kQeReportSignature,
    kQeReportData,
    kQeIdentityTee,
    kQeMiscselect,
    kQeAttributes,
    kQeMrSigner,
    kQeIsvProdId,
    kQuoteSignature,
    kTcbLevel,
};

}  // namespace rules
}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_RULES_H_
