#include "src/td/qgs_error.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace quoin::td {
namespace {

// Codes come in families: the upper bits say whose it is.
constexpr uint32_t kFamilyMask = 0xfffff000;
constexpr uint32_t kNumberMask = 0x00000fff;
constexpr uint32_t kServiceFamily = 0x12000;
constexpr uint32_t kLibraryFamily = 0x11000;
constexpr uint32_t kQuote3Family = 0x0e000;
constexpr uint32_t kEnclaveFamily = 0x10000;
constexpr uint32_t kPceFamily = 0x0f000;
constexpr uint32_t kCollateralNetworkFamily = 0x0b000;

struct Entry {
  uint32_t number = 0;
  std::string_view name;  // without the family's prefix
  std::string_view what;
  std::string_view hint;
};

constexpr std::string_view kSeeLog = "on the host, journalctl -u qgsd names the cause";
constexpr std::string_view kProvision =
    "the platform is not provisioned: on the host, register it (mpa_registration, or "
    "PCKIDRetrieval "
    "with a PCCS), and look at /etc/sgx_default_qcnl.conf";
constexpr std::string_view kReachPccs =
    "on the host, look at pccs_url in /etc/sgx_default_qcnl.conf, and whether the PCCS answers";
constexpr std::string_view kEnclaves =
    "on the host, look at SGX in the BIOS, at /dev/sgx_enclave, and at the packages libsgx-ae-tdqe "
    "and libsgx-ae-id-enclave";

// qgs_msg_lib.h, qgs_msg_error_t.
constexpr std::array kServiceErrors = {
    Entry{0x1, "UNEXPECTED", "the service could not make the quote", kSeeLog},
    Entry{0x2, "OUT_OF_MEMORY", "the service is out of memory", kSeeLog},
    Entry{0x3, "INVALID_PARAMETER", "the service does not like the request", kSeeLog},
    Entry{0x4, "INVALID_VERSION", "the service speaks another version of the protocol",
          "update tdx-qgs on the host"},
    Entry{0x5, "INVALID_TYPE", "the service does not know this kind of request",
          "update tdx-qgs on the host"},
    Entry{0x6, "INVALID_SIZE", "the service read sizes that do not fit", kSeeLog},
    Entry{0x7, "INVALID_CODE", "the service had an error without a code", kSeeLog},
};

// td_ql_wrapper.h, tee_att_error_t, and sgx_ql_lib_common.h, quote3_error_t: those that making a
// quote can end with.
constexpr std::array kLibraryErrors = {
    Entry{0x01, "ERROR_UNEXPECTED", "something unexpected in the quote library", kSeeLog},
    Entry{0x02, "ERROR_INVALID_PARAMETER", "the quote library does not like the request", kSeeLog},
    Entry{0x03, "ERROR_OUT_OF_MEMORY", "the host is out of memory", kSeeLog},
    Entry{0x07, "ERROR_STORED_KEY", "the stored attestation key is not valid",
          "on the host, restart qgsd: it makes a new one"},
    Entry{0x0a, "ATT_KEY_BLOB_ERROR", "the stored attestation key cannot be read",
          "on the host, restart qgsd: it makes a new one"},
    Entry{0x0b, "UNSUPPORTED_ATT_KEY_ID", "the service does not have that kind of key", kSeeLog},
    Entry{0x0d, "INTERFACE_UNAVAILABLE", "the quoting enclave cannot be loaded", kEnclaves},
    Entry{0x0e, "PLATFORM_LIB_UNAVAILABLE", "the provider library is not there",
          "on the host, install libsgx-dcap-default-qpl"},
    Entry{0x0f, "ATT_KEY_NOT_INITIALIZED", "there is no certified attestation key", kProvision},
    Entry{0x10, "ATT_KEY_CERT_DATA_INVALID", "the PCK certificate is not usable", kProvision},
    Entry{0x11, "NO_PLATFORM_CERT_DATA", "there is no PCK certificate for this platform",
          kProvision},
    Entry{0x12, "OUT_OF_EPC", "the host has no enclave memory left",
          "on the host, end other enclaves, or give SGX more memory in the BIOS"},
    Entry{0x14, "ENCLAVE_LOST", "the quoting enclave was lost", "on the host, restart qgsd"},
    Entry{
        0x15, "INVALID_REPORT", "the TDREPORT is not of this machine, or has been changed",
        "take a fresh report: a TD that has been moved, or a TCB that was updated, makes old ones "
        "useless"},
    Entry{0x16, "ENCLAVE_LOAD_ERROR", "the quoting enclave cannot be loaded", kEnclaves},
    Entry{0x18, "KEY_CERTIFCATION_ERROR", "the provider's TCB is higher than the platform's",
          kProvision},
    Entry{0x19, "NETWORK_ERROR", "the host could not reach its PCCS", kReachPccs},
    Entry{0x1a, "MESSAGE_ERROR", "the host's PCCS gave an answer that is none", kReachPccs},
    Entry{0x35, "ERROR_INVALID_PRIVILEGE", "the service may not load enclaves",
          "on the host, the user qgsd must be in the group sgx_prv"},
    Entry{0x3e, "UNSUPPORTED_MODE", "the host cannot do this", kEnclaves},
    Entry{0x3f, "NO_DEVICE", "the host has no SGX device", kEnclaves},
    Entry{0x40, "SERVICE_UNAVAILABLE", "a service that the host needs does not answer", kSeeLog},
    Entry{0x41, "NETWORK_FAILURE", "the host could not reach its PCCS", kReachPccs},
    Entry{0x42, "SERVICE_TIMEOUT", "a service that the host needs was too slow", kReachPccs},
    Entry{0x43, "ERROR_BUSY", "the service is busy", "ask again"},
    Entry{0x44, "UNKNOWN_MESSAGE_RESPONSE", "the host's PCCS gave an answer that is none",
          kReachPccs},
    Entry{0x47, "PLATFORM_UNKNOWN", "the host's PCCS does not know this platform", kProvision},
    Entry{0x49, "CERTS_UNAVAILABLE", "there are no certificates for this platform", kProvision},
};

// sgx_ql_lib_common.h, quote3_error_t: those that stored keys, fetching and verifying end with.
constexpr std::string_view kVerify = "quoin verify names the rule, and what to do";
constexpr std::string_view kFetch = "quoin collateral fetch; a PCCS must refresh what it keeps";
constexpr std::string_view kUpdatePlatform =
    "the host's owner updates BIOS, microcode, TDX module or quoting enclave: quoin doctor and "
    "quoin verify name the component";
constexpr std::array kQuote3Errors = {
    Entry{0x04, "ERROR_ECDSA_ID_MISMATCH", "the stored attestation key is of another kind",
          "on the host, remove the stored key and restart the service"},
    Entry{0x05, "PATHNAME_BUFFER_OVERFLOW_ERROR", "the stored key's path is too long", kSeeLog},
    Entry{0x06, "FILE_ACCESS_ERROR", "the stored attestation key cannot be read or written",
          "on the host, look at who owns the service's directory, and at its disk"},
    Entry{0x08, "ERROR_PUB_KEY_ID_MISMATCH", "the stored attestation key is not the one asked for",
          "on the host, remove the stored key and restart the service"},
    Entry{0x09, "ERROR_INVALID_PCE_SIG_SCHEME", "the PCE signs in another way", kEnclaves},
    Entry{0x0c, "UNSUPPORTED_LOADING_POLICY", "enclaves cannot be loaded in that way", kSeeLog},
    Entry{0x13, "ERROR_REPORT", "an SGX report could not be verified", kSeeLog},
    Entry{0x17, "UNABLE_TO_GENERATE_QE_REPORT", "the quoting enclave could not report", kSeeLog},
    Entry{0x1b, "NO_QUOTE_COLLATERAL_DATA", "there is no collateral for this platform", kFetch},
    Entry{0x1c, "QUOTE_CERTIFICATION_DATA_UNSUPPORTED", "the quote has no PCK chain", kProvision},
    Entry{0x1d, "QUOTE_FORMAT_UNSUPPORTED", "this is no quote that the library reads", kVerify},
    Entry{0x1f, "QE_REPORT_INVALID_SIGNATURE",
          "the quoting enclave's report is not signed by the "
          "PCK",
          kVerify},
    Entry{0x21, "PCK_CERT_UNSUPPORTED_FORMAT", "the PCK certificate cannot be read", kVerify},
    Entry{0x22, "PCK_CERT_CHAIN_ERROR", "the PCK chain does not hold", kVerify},
    Entry{0x23, "TCBINFO_UNSUPPORTED_FORMAT", "TCB info cannot be read", kFetch},
    Entry{0x24, "TCBINFO_MISMATCH", "TCB info is of another platform (FMSPC, PCEID)", kFetch},
    Entry{0x25, "QEIDENTITY_UNSUPPORTED_FORMAT", "QE identity cannot be read", kFetch},
    Entry{0x26, "QEIDENTITY_MISMATCH", "the quoting enclave is not Intel's", kVerify},
    Entry{0x27, "TCB_OUT_OF_DATE", "the platform's TCB is out of date", kUpdatePlatform},
    Entry{0x28, "TCB_OUT_OF_DATE_CONFIGURATION_NEEDED",
          "the platform's TCB is out of date, and its configuration matters", kUpdatePlatform},
    Entry{0x29, "SGX_ENCLAVE_IDENTITY_OUT_OF_DATE", "the quoting enclave is out of date",
          kUpdatePlatform},
    Entry{0x2b, "QE_IDENTITY_OUT_OF_DATE", "the quoting enclave is out of date", kUpdatePlatform},
    Entry{0x2c, "SGX_TCB_INFO_EXPIRED", "TCB info has expired", kFetch},
    Entry{0x2d, "SGX_PCK_CERT_CHAIN_EXPIRED", "the PCK chain has expired", kProvision},
    Entry{0x2e, "SGX_CRL_EXPIRED", "a CRL has expired", kFetch},
    Entry{0x2f, "SGX_SIGNING_CERT_CHAIN_EXPIRED", "the chain that signs collateral has expired",
          kFetch},
    Entry{0x30, "SGX_ENCLAVE_IDENTITY_EXPIRED", "QE identity has expired", kFetch},
    Entry{0x31, "PCK_REVOKED", "the platform's PCK certificate is revoked",
          "do not trust this platform; its owner asks Intel"},
    Entry{0x32, "TCB_REVOKED", "the platform's TCB level is revoked", kUpdatePlatform},
    Entry{0x33, "TCB_CONFIGURATION_NEEDED", "the platform's configuration matters",
          "read the advisories"},
    Entry{0x34, "UNABLE_TO_GET_COLLATERAL", "collateral could not be fetched", kReachPccs},
    Entry{0x38, "CRL_UNSUPPORTED_FORMAT", "a CRL cannot be read", kFetch},
    Entry{0x39, "QEIDENTITY_CHAIN_ERROR", "the chain of QE identity does not hold", kFetch},
    Entry{0x3a, "TCBINFO_CHAIN_ERROR", "the chain of TCB info does not hold", kFetch},
    Entry{0x3c, "TCB_SW_HARDENING_NEEDED", "software must be hardened", "read the advisories"},
    Entry{0x3d, "TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED",
          "the platform's configuration matters, and software must be hardened",
          "read the advisories"},
    Entry{0x45, "PERSISTENT_STORAGE_ERROR", "what was fetched could not be kept",
          "on the host, look at the disk"},
    Entry{0x46, "ERROR_MESSAGE_PARSING_ERROR", "an answer of the PCCS could not be read",
          kReachPccs},
    Entry{0x48, "UNKNOWN_API_VERSION", "the PCCS speaks another version of the API",
          "the address ends with /sgx/certification/v4/"},
    Entry{0x53, "COLLATERAL_VERSION_NOT_SUPPORTED", "the collateral is of another version", kFetch},
    Entry{0x60, "TDX_MODULE_MISMATCH", "the TDX module is not Intel's, or not known", kVerify},
    Entry{0x61, "QEIDENTITY_NOT_FOUND", "the PCCS has no QE identity", kFetch},
    Entry{0x62, "TCBINFO_NOT_FOUND", "the PCCS has no TCB info of this platform", kFetch},
    Entry{0x63, "INTERNAL_SERVER_ERROR", "the PCCS failed", "the PCCS's own log says why"},
    Entry{0x65, "ROOT_CA_UNTRUSTED", "the PCCS's own certificate is not trusted",
          "give it one that is, or its CA; use_secure_cert=false gives up privacy"},
    Entry{0x66, "TCB_NOT_SUPPORTED", "no TCB level matches the platform", kUpdatePlatform},
    Entry{0x67, "CONFIG_INVALID_JSON", "/etc/sgx_default_qcnl.conf is not valid JSON",
          "quoin doctor says where"},
    Entry{0x68, "RESULT_INVALID_SIGNATURE", "the quote's signature is wrong", kVerify},
};

// sgx_pce.h, sgx_pce_error_t.
constexpr std::array kPceErrors = {
    Entry{0x1, "UNEXPECTED", "something unexpected in the PCE", kSeeLog},
    Entry{0x2, "INVALID_PARAMETER", "the PCE does not like the request", kSeeLog},
    Entry{0x3, "OUT_OF_EPC", "the host has no enclave memory left",
          "on the host, end other enclaves, or give SGX more memory in the BIOS"},
    Entry{0x4, "INTERFACE_UNAVAILABLE", "the PCE cannot be loaded", kEnclaves},
    Entry{0x5, "INVALID_REPORT", "the quoting enclave's report is not of this machine", kSeeLog},
    Entry{0x6, "CRYPTO_ERROR", "the PCE's cryptography failed", kSeeLog},
    Entry{0x7, "INVALID_PRIVILEGE", "the caller may not use the PCE",
          "on the host, the user qgsd must be in the group sgx_prv"},
    Entry{0x8, "INVALID_TCB", "the PCE cannot sign at the TCB that is asked for",
          "the PCCS has a certificate of a newer TCB than the host runs: update the host"},
};

// sgx_default_qcnl_wrapper.h, sgx_qcnl_error_t: the network part of Intel's provider library.
constexpr std::array kCollateralNetworkErrors = {
    Entry{0x01, "UNEXPECTED_ERROR", "something unexpected in the provider library", kSeeLog},
    Entry{0x02, "INVALID_PARAMETER", "the provider library does not like the request", kSeeLog},
    Entry{0x03, "NETWORK_ERROR", "the network failed", kReachPccs},
    Entry{0x04, "NETWORK_PROXY_FAIL", "the proxy's name cannot be resolved", kReachPccs},
    Entry{0x05, "NETWORK_HOST_FAIL", "the PCCS's name cannot be resolved", kReachPccs},
    Entry{0x06, "NETWORK_COULDNT_CONNECT", "the PCCS cannot be connected to", kReachPccs},
    Entry{0x09, "NETWORK_OPERATION_TIMEDOUT", "the PCCS was too slow", kReachPccs},
    Entry{0x0a, "NETWORK_HTTPS_ERROR", "TLS with the PCCS failed",
          "the PCCS's certificate: is it self-signed, and use_secure_cert true?"},
    Entry{0x0d, "MSG_ERROR", "the PCCS answered with an error", kReachPccs},
    Entry{0x0f, "ERROR_STATUS_NO_CACHE_DATA", "the PCCS has nothing for this platform", kProvision},
    Entry{0x10, "ERROR_STATUS_PLATFORM_UNKNOWN", "the PCCS does not know this platform",
          kProvision},
    Entry{0x11, "ERROR_STATUS_UNEXPECTED", "the PCCS answered what nobody expects", kReachPccs},
    Entry{0x12, "ERROR_STATUS_CERTS_UNAVAILABLE", "the PCCS has no certificates for this TCB",
          kProvision},
    Entry{0x13, "ERROR_STATUS_SERVICE_UNAVAILABLE", "the PCCS is not available", kReachPccs},
    Entry{0x30, "INVALID_CONFIG", "/etc/sgx_default_qcnl.conf is not valid",
          "quoin doctor says where"},
    Entry{0x31, "CACHE_MISSING", "nothing is kept", kReachPccs},
    Entry{0x32, "CACHE_EXPIRED", "what is kept has expired", kReachPccs},
    Entry{0x33, "ROOT_CA_UNTRUSTED", "the PCCS's own certificate is not trusted",
          "give it one that is, or its CA; use_secure_cert=false gives up privacy"},
};

// tdx_attest.h, tdx_attest_error_t.
constexpr std::string_view kDoctor = "quoin doctor looks at each step";
constexpr std::array kAttestErrors = {
    Entry{0x1, "ERROR_UNEXPECTED", "something unexpected in libtdx_attest", kDoctor},
    Entry{0x2, "ERROR_INVALID_PARAMETER", "libtdx_attest was called wrongly", kDoctor},
    Entry{0x3, "ERROR_OUT_OF_MEMORY", "there is no memory left", kDoctor},
    Entry{0x4, "ERROR_VSOCK_FAILURE", "the QGS could not be talked to over vsock",
          "look at the port in /etc/tdx-attest.conf, and at qgsd on the host"},
    Entry{0x5, "ERROR_REPORT_FAILURE", "there was no TDREPORT", kDoctor},
    Entry{0x6, "ERROR_EXTEND_FAILURE", "the RTMR could not be extended",
          "mainline Linux does not know libtdx_attest's way: quoin rtmr extend (Linux 6.16)"},
    Entry{0x7, "ERROR_NOT_SUPPORTED", "that is not supported", kDoctor},
    Entry{0x8, "ERROR_QUOTE_FAILURE", "there was no quote", kDoctor},
    Entry{0x9, "ERROR_BUSY", "the driver is busy: the host owns its buffer", kDoctor},
    Entry{0xa, "ERROR_DEVICE_FAILURE", "/dev/tdx_guest could not be used", kDoctor},
    Entry{0xb, "ERROR_INVALID_RTMR_INDEX", "only RTMR2 and RTMR3 can be extended", kDoctor},
    Entry{0xc, "ERROR_UNSUPPORTED_ATT_KEY_ID", "the host has no attestation key of that kind",
          kDoctor},
};

// quoting_enclave_tdqe.h, tdqe_error_t.
constexpr std::array kEnclaveErrors = {
    Entry{0x1, "ERROR_UNEXPECTED", "something unexpected in the quoting enclave", kSeeLog},
    Entry{0x2, "ERROR_INVALID_PARAMETER", "the quoting enclave does not like the request", kSeeLog},
    Entry{0x3, "ERROR_OUT_OF_MEMORY", "the quoting enclave is out of memory", kSeeLog},
    Entry{0x4, "ECDSABLOB_ERROR", "the stored attestation key is not valid",
          "on the host, restart qgsd: it makes a new one"},
    Entry{0x5, "ERROR_CRYPTO", "the quoting enclave's cryptography failed", kSeeLog},
    Entry{0x6, "ERROR_ATT_KEY_GEN", "the quoting enclave could not make a key", kSeeLog},
    Entry{0x7, "ERROR_WRONG_STATE", "the quoting enclave was called in the wrong order",
          "on the host, restart qgsd"},
    Entry{0x8, "ERROR_INVALID_REPORT", "the TDREPORT is not of this machine, or has been changed",
          "take a fresh report"},
    Entry{0x9, "UNABLE_TO_GENERATE_QE_REPORT", "the quoting enclave could not report", kSeeLog},
    Entry{0xa, "ERROR_INVALID_HASH", "the TDREPORT's hashes are not those of its parts",
          "take a fresh report"},
    Entry{0xb, "ERROR_INVALID_PLATFORM", "this quoting enclave cannot run on this platform",
          kEnclaves},
    Entry{0xc, "REPORT_FORMAT_NOT_SUPPORTED",
          "the quoting enclave is older than the TDX module whose report it should quote",
          "on the host, update libsgx-ae-tdqe"},
};

struct Family {
  uint32_t base = 0;
  std::string_view prefix;
  std::span<const Entry> entries;
};

constexpr std::array kAttestFamily = {Family{0, "TDX_ATTEST_", kAttestErrors}};

constexpr std::array kFamilies = {
    Family{kServiceFamily, "QGS_MSG_ERROR_", kServiceErrors},
    Family{kLibraryFamily, "TEE_ATT_", kLibraryErrors},
    Family{kQuote3Family, "SGX_QL_", kLibraryErrors},
    Family{kQuote3Family, "SGX_QL_", kQuote3Errors},
    Family{kEnclaveFamily, "TDQE_", kEnclaveErrors},
    Family{kPceFamily, "SGX_PCE_", kPceErrors},
    Family{kCollateralNetworkFamily, "SGX_QCNL_", kCollateralNetworkErrors},
};

std::string as_hex(uint32_t code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[code >> shift & 0xf];
  return text;
}

QgsErrorText find_text(std::span<const Family> families, uint32_t code) {
  for (const Family& family : families) {
    if (family.base != (code & kFamilyMask)) continue;
    const auto entry = std::ranges::find(family.entries, code & kNumberMask, &Entry::number);
    if (entry == family.entries.end()) continue;
    return {.name = std::string(family.prefix) + std::string(entry->name),
            .what = std::string(entry->what),
            .hint = std::string(entry->hint)};
  }
  return {.name = as_hex(code),
          .what = "an error that Quoin does not know",
          .hint = std::string(kSeeLog)};
}

}  // namespace

QgsErrorText qgs_error_text(uint32_t code) { return find_text(kFamilies, code); }

QgsErrorText attest_error_text(uint32_t code) { return find_text(kAttestFamily, code); }

Error qgs_error(uint32_t code) {
  QgsErrorText text = qgs_error_text(code);
  return {ErrorCode::io, "QGS: " + text.name + ": " + text.what, std::move(text.hint)};
}

}  // namespace quoin::td
