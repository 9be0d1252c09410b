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

constexpr std::array kFamilies = {
    Family{kServiceFamily, "QGS_MSG_ERROR_", kServiceErrors},
    Family{kLibraryFamily, "TEE_ATT_", kLibraryErrors},
    Family{kQuote3Family, "SGX_QL_", kLibraryErrors},
    Family{kEnclaveFamily, "TDQE_", kEnclaveErrors},
};

std::string as_hex(uint32_t code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[code >> shift & 0xf];
  return text;
}

}  // namespace

QgsErrorText qgs_error_text(uint32_t code) {
  const auto* family = std::ranges::find(kFamilies, code & kFamilyMask, &Family::base);
  if (family != kFamilies.end()) {
    const auto entry = std::ranges::find(family->entries, code & kNumberMask, &Entry::number);
    if (entry != family->entries.end()) {
      return {.name = std::string(family->prefix) + std::string(entry->name),
              .what = std::string(entry->what),
              .hint = std::string(entry->hint)};
    }
  }
  return {.name = as_hex(code),
          .what = "an error that Quoin does not know",
          .hint = std::string(kSeeLog)};
}

Error qgs_error(uint32_t code) {
  QgsErrorText text = qgs_error_text(code);
  return {ErrorCode::io, "QGS: " + text.name + ": " + text.what, std::move(text.hint)};
}

}  // namespace quoin::td
