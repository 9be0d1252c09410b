// The rules of verification, by name, and where each is written. Each lives in one function.

#ifndef QUOIN_SRC_VERIFY_RULES_H_
#define QUOIN_SRC_VERIFY_RULES_H_

#include <array>

#include "src/verify/rule.h"

namespace quoin::rules {

// Sources: "QVL n" is Intel's Quote Verification Library, the section numbers that its source
// cites (intel/confidential-computing.tee.dcap.qvl, Src/AttestationLibrary/src); "stricter than
// Intel" marks a rule of ours that Intel's library does not have.

inline constexpr std::string_view kGetQuoteAnew =
    "get the quote anew: its bytes were changed, or Intel's PCK service never vouched for them";
inline constexpr std::string_view kGetCollateralAnew =
    "fetch the collateral anew: its bytes were changed, or are not Intel's";
inline constexpr std::string_view kGetFreshCollateral =
    "fetch fresh collateral; to judge a quote as of another day, give that time";
inline constexpr std::string_view kCheckClock =
    "check the clock of the machine that verifies; collateral cannot be used before its day";
inline constexpr std::string_view kGetThisPlatformsCollateral =
    "fetch the collateral for this platform: its FMSPC and the CA that issued its PCK "
    "certificate say which";
inline constexpr std::string_view kPlatformRevoked =
    "do not trust this platform: Intel has taken its word back";

// The platform's certificates.
inline constexpr Rule kCertificationData = {
    "certification_data",
    "The quote carries certification data of type 5: exactly three certificates in PEM.",
    "QVL Quote::validate; type 5",
    "have the platform's quoting service put the PCK certificate chain into its quotes (type 5)",
};
inline constexpr Rule kPckChainNames = {
    "pck_chain_names",
    "The chain is PCK certificate, Platform CA or Processor CA, and root, each issued by the "
    "next, by Intel's names.",
    "QVL PckCertVerifier, 4.1.2.5.5",
    kGetQuoteAnew,
};
inline constexpr Rule kPckChainConstraints = {
    "pck_chain_constraints",
    "The CAs may issue certificates and CRLs, and the PCK certificate may not.",
    "RFC 5280 6.1.4 (k)-(n); stricter than Intel",
    kGetQuoteAnew,
};
inline constexpr Rule kPckChainRoot = {
    "pck_chain_root",
    "The chain ends in a root certificate that the verifier trusts, byte for byte.",
    "QVL PckCertVerifier: trusted root",
    "do not trust this quote; if its root is one that you know, name it as a trust root (a "
    "simulator's with --trust-simulator)",
};
inline constexpr Rule kPckChainSignatures = {
    "pck_chain_signatures",
    "The root signed the CA's certificate, and the CA signed the PCK certificate.",
    "QVL PckCertVerifier; RFC 5280 6.1.3 (a)(1)",
    kGetQuoteAnew,
};
inline constexpr Rule kPckChainNotExpired = {
    "pck_chain_not_expired",
    "No certificate of the chain has expired.",
    "QVL PckCertVerifier",
    "have the platform fetch a new PCK certificate; to judge a quote as of another day, give "
    "that time",
};
inline constexpr Rule kPckChainNotBefore = {
    "pck_chain_not_before",
    "Every certificate of the chain is valid already.",
    "RFC 5280 6.1.3 (a)(2); stricter than Intel",
    "check the clock of the machine that verifies",
};
inline constexpr Rule kPckSgxExtension = {
    "pck_sgx_extension",
    "The PCK certificate has Intel's SGX extension, which says what platform this is and which "
    "TCB was certified.",
    "Intel SGX PCK Certificate Profile, 1.3.5",
    kGetQuoteAnew,
};

// What has been revoked.
inline constexpr Rule kRootCaCrlIssuer = {
    "root_ca_crl_issuer",
    "The root's CRL was issued by the root of the PCK chain.",
    "QVL PckCrlVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kRootCaCrlExtensions = {
    "root_ca_crl_extensions",
    "The root's CRL has a CRL number and an authority key identifier.",
    "QVL PckCrlVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kRootCaCrlSignature = {
    "root_ca_crl_signature",
    "The root signed its CRL.",
    "QVL PckCrlVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kRootCaCrlNotExpired = {
    "root_ca_crl_not_expired",
    "The root's CRL has not expired.",
    "QVL PckCertVerifier",
    kGetFreshCollateral,
};
inline constexpr Rule kRootCaCrlNotBefore = {
    "root_ca_crl_not_before",
    "The root's CRL holds already.",
    "RFC 5280 5.1.2.4; stricter than Intel",
    kCheckClock,
};
inline constexpr Rule kPckCrlIssuer = {
    "pck_crl_issuer",
    "The PCK CRL was issued by the CA that issued the PCK certificate.",
    "QVL PckCrlVerifier, 4.1.2.5.7",
    kGetThisPlatformsCollateral,
};
inline constexpr Rule kPckCrlExtensions = {
    "pck_crl_extensions",
    "The PCK CRL has a CRL number and an authority key identifier.",
    "QVL PckCrlVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kPckCrlSignature = {
    "pck_crl_signature",
    "The CA that issued the PCK certificate signed the PCK CRL.",
    "QVL PckCrlVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kPckCrlNotExpired = {
    "pck_crl_not_expired",
    "The PCK CRL has not expired.",
    "QVL PckCertVerifier",
    kGetFreshCollateral,
};
inline constexpr Rule kPckCrlNotBefore = {
    "pck_crl_not_before",
    "The PCK CRL holds already.",
    "RFC 5280 5.1.2.4; stricter than Intel",
    kCheckClock,
};
inline constexpr Rule kPckCaNotRevoked = {
    "pck_ca_not_revoked",
    "The CA's certificate is not on the root's CRL.",
    "QVL PckCertVerifier",
    kPlatformRevoked,
};
inline constexpr Rule kPckNotRevoked = {
    "pck_not_revoked",
    "The PCK certificate is not on the PCK CRL.",
    "QVL PckCertVerifier, 4.1.2.5.8",
    kPlatformRevoked,
};

// TCB info is Intel's, and holds now.
inline constexpr Rule kTcbInfoChain = {
    "tcb_info_chain",
    "TCB info comes with two certificates: SGX TCB Signing, no CA, and the root that issued it.",
    "QVL TCBSigningChain",
    kGetCollateralAnew,
};
inline constexpr Rule kTcbInfoChainRoot = {
    "tcb_info_chain_root",
    "The chain of TCB info ends in the trusted root that the PCK chain ends in.",
    "QVL TCBSigningChain",
    "take quote and collateral from the same root: get both anew",
};
inline constexpr Rule kTcbInfoChainSignature = {
    "tcb_info_chain_signature",
    "The root signed the certificate of TCB info's signer.",
    "QVL TCBSigningChain",
    kGetCollateralAnew,
};
inline constexpr Rule kTcbInfoSignerNotRevoked = {
    "tcb_info_signer_not_revoked",
    "The certificate of TCB info's signer is not on the root's CRL.",
    "QVL TCBSigningChain",
    "fetch the collateral anew: Intel has revoked what signed it",
};
inline constexpr Rule kTcbInfoSignature = {
    "tcb_info_signature",
    "The signer signed exactly the bytes of TCB info.",
    "QVL TCBInfoVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kTcbInfoUniqueKeys = {
    "tcb_info_unique_keys",
    "No object in TCB info has two members of one name.",
    "RFC 8259 4; stricter than Intel",
    "fetch the collateral anew, and if it stays so do not use it: other readers may take the other "
    "member",
};
inline constexpr Rule kTcbInfoChainNotExpired = {
    "tcb_info_chain_not_expired",
    "No certificate of TCB info's chain has expired.",
    "QVL TCBInfoVerifier",
    kGetFreshCollateral,
};
inline constexpr Rule kTcbInfoChainNotBefore = {
    "tcb_info_chain_not_before",
    "Every certificate of TCB info's chain is valid already.",
    "RFC 5280 6.1.3 (a)(2); stricter than Intel",
    kCheckClock,
};
inline constexpr Rule kTcbInfoNotExpired = {
    "tcb_info_not_expired",
    "TCB info's nextUpdate has not passed.",
    "QVL TCBInfoVerifier",
    kGetFreshCollateral,
};
inline constexpr Rule kTcbInfoNotBefore = {
    "tcb_info_not_before",
    "TCB info's issueDate has come.",
    "PCS API v4, issueDate; stricter than Intel",
    kCheckClock,
};

// QE identity is Intel's, and holds now.
inline constexpr Rule kQeIdentityChain = {
    "qe_identity_chain",
    "QE identity comes with two certificates: SGX TCB Signing, no CA, and the root that issued "
    "it.",
    "QVL TCBSigningChain",
    kGetCollateralAnew,
};
inline constexpr Rule kQeIdentityChainRoot = {
    "qe_identity_chain_root",
    "The chain of QE identity ends in the trusted root that the PCK chain ends in.",
    "QVL TCBSigningChain",
    "take quote and collateral from the same root: get both anew",
};
inline constexpr Rule kQeIdentityChainSignature = {
    "qe_identity_chain_signature",
    "The root signed the certificate of QE identity's signer.",
    "QVL TCBSigningChain",
    kGetCollateralAnew,
};
inline constexpr Rule kQeIdentitySignerNotRevoked = {
    "qe_identity_signer_not_revoked",
    "The certificate of QE identity's signer is not on the root's CRL.",
    "QVL TCBSigningChain",
    "fetch the collateral anew: Intel has revoked what signed it",
};
inline constexpr Rule kQeIdentitySignature = {
    "qe_identity_signature",
    "The signer signed exactly the bytes of QE identity.",
    "QVL EnclaveIdentityVerifier",
    kGetCollateralAnew,
};
inline constexpr Rule kQeIdentityUniqueKeys = {
    "qe_identity_unique_keys",
    "No object in QE identity has two members of one name.",
    "RFC 8259 4; stricter than Intel",
    "fetch the collateral anew, and if it stays so do not use it: other readers may take the other "
    "member",
};
inline constexpr Rule kQeIdentityChainNotExpired = {
    "qe_identity_chain_not_expired",
    "No certificate of QE identity's chain has expired.",
    "QVL EnclaveIdentityVerifier",
    kGetFreshCollateral,
};
inline constexpr Rule kQeIdentityChainNotBefore = {
    "qe_identity_chain_not_before",
    "Every certificate of QE identity's chain is valid already.",
    "RFC 5280 6.1.3 (a)(2); stricter than Intel",
    kCheckClock,
};
inline constexpr Rule kQeIdentityNotExpired = {
    "qe_identity_not_expired",
    "QE identity's nextUpdate has not passed.",
    "QVL EnclaveIdentityVerifier",
    kGetFreshCollateral,
};
inline constexpr Rule kQeIdentityNotBefore = {
    "qe_identity_not_before",
    "QE identity's issueDate has come.",
    "PCS API v4, issueDate; stricter than Intel",
    kCheckClock,
};

// TCB info is about this platform, and knows its TDX module.
inline constexpr Rule kTcbInfoTee = {
    "tcb_info_tee",
    "TCB info is for the quote's kind of TEE, and of version 3 or later for TDX.",
    "QVL QuoteVerifier, 4.1.2.5.10",
    kGetThisPlatformsCollateral,
};
inline constexpr Rule kTcbInfoFmspc = {
    "tcb_info_fmspc",
    "TCB info is for the platform's FMSPC.",
    "QVL QuoteVerifier, 4.1.2.5.11",
    kGetThisPlatformsCollateral,
};
inline constexpr Rule kTcbInfoPceId = {
    "tcb_info_pce_id",
    "TCB info is for the platform's PCEID.",
    "QVL QuoteVerifier, 4.1.2.5.11",
    kGetThisPlatformsCollateral,
};
inline constexpr Rule kTdxModuleIdentity = {
    "tdx_module_identity",
    "TCB info describes a TDX module of the major version that launched the TD.",
    "QVL QuoteVerifier, 4.1.2.5.12",
    "fetch TCB info anew: it is older than the platform's TDX module",
};
inline constexpr Rule kTdxModuleMrSigner = {
    "tdx_module_mr_signer",
    "The TDX module's MRSIGNERSEAM is the one in TCB info: zero, for a module of Intel's.",
    "QVL QuoteVerifier, 4.1.2.5.12.1",
    "do not trust this TD: its TDX module is not Intel's",
};
inline constexpr Rule kTdxModuleAttributes = {
    "tdx_module_attributes",
    "SEAMATTRIBUTES are zero, and TCB info expects them to be.",
    "QVL QuoteVerifier, 4.1.2.5.12.2",
    "do not trust this TD: its TDX module runs with attributes that a production module does not "
    "have",
};

// The quoting enclave is Intel's, and the quote is its.
inline constexpr Rule kQeReportSignature = {
    "qe_report_signature",
    "The PCK certificate's key signed the QE report.",
    "QVL QuoteVerifier, 4.1.2.5.13",
    kGetQuoteAnew,
};
inline constexpr Rule kQeReportData = {
    "qe_report_data",
    "The QE report names the attestation key: its report data begin with SHA-256 of the key and "
    "the QE authentication data.",
    "QVL QuoteVerifier, 4.1.2.5.14",
    kGetQuoteAnew,
};
inline constexpr Rule kQeIdentityTee = {
    "qe_identity_tee",
    "QE identity is of the enclave that makes this kind of quote: TD_QE for TDX, QE for SGX.",
    "QVL QuoteVerifier, 4.1.2.5.15",
    "fetch QE identity for the quote's kind of TEE",
};
inline constexpr Rule kQeMiscselect = {
    "qe_miscselect",
    "The QE's MISCSELECT, under the mask, is the one in QE identity.",
    "QVL EnclaveReportVerifier, 4.1.2.9.5",
    "do not trust this quote: the enclave that made it is not Intel's QE in production",
};
inline constexpr Rule kQeAttributes = {
    "qe_attributes",
    "The QE's ATTRIBUTES, under the mask, are those in QE identity: not DEBUG.",
    "QVL EnclaveReportVerifier, 4.1.2.9.6",
    "do not trust this quote: the enclave that made it is not Intel's QE in production",
};
inline constexpr Rule kQeMrSigner = {
    "qe_mr_signer",
    "The QE's MRSIGNER is the one in QE identity.",
    "QVL EnclaveReportVerifier, 4.1.2.9.7",
    "do not trust this quote: the enclave that made it is not Intel's",
};
inline constexpr Rule kQeIsvProdId = {
    "qe_isv_prod_id",
    "The QE's ISVPRODID is the one in QE identity.",
    "QVL EnclaveReportVerifier, 4.1.2.9.8",
    "do not trust this quote: the enclave that made it is another one of its signer's",
};
inline constexpr Rule kQuoteSignature = {
    "quote_signature",
    "The attestation key signed the quote's header and body.",
    "QVL QuoteVerifier, 4.1.2.5.17",
    kGetQuoteAnew,
};

// The platform's TCB has a status.
inline constexpr Rule kTcbLevel = {
    "tcb_level",
    "A TCB level matches the platform, its TDX module and its QE, and has a status that its kind "
    "of level can have.",
    "QVL EvaluateTcb, 4.1.2.5.2",
    "do not trust this platform: its TCB is lower than any that Intel lists; its owner must "
    "update it",
};

// In the order in which they are looked at.
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
    kTcbInfoUniqueKeys,
    kTcbInfoChainNotExpired,
    kTcbInfoChainNotBefore,
    kTcbInfoNotExpired,
    kTcbInfoNotBefore,
    kQeIdentityChain,
    kQeIdentityChainRoot,
    kQeIdentityChainSignature,
    kQeIdentitySignerNotRevoked,
    kQeIdentitySignature,
    kQeIdentityUniqueKeys,
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

}  // namespace quoin::rules

#endif  // QUOIN_SRC_VERIFY_RULES_H_
