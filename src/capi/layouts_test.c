/* The layouts, values and prototypes of the C API, as a compiler of C sees them: callers have them
 * in their binaries. */

#include "tdx_attestation.h"
#include "tdx_security.h"

#define AT(type, member, offset) \
  _Static_assert(offsetof(type, member) == (offset), #type "." #member)

_Static_assert(sizeof(tdx_security_info_t) == 16, "tdx_security_info_t");
AT(tdx_security_info_t, is_tdx_guest, 0);
AT(tdx_security_info_t, tdx_version, 4);
AT(tdx_security_info_t, security_features, 8);
AT(tdx_security_info_t, memory_encryption_enabled, 12);
AT(tdx_security_info_t, attestation_available, 13);
AT(tdx_security_info_t, secure_boot_enabled, 14);

_Static_assert(sizeof(tdx_report_t) == 352, "tdx_report_t");
AT(tdx_report_t, report_data, 256);
AT(tdx_report_t, reserved, 320);

_Static_assert(sizeof(tdx_quote_t) == 12 + 4096, "tdx_quote_t");
AT(tdx_quote_t, version, 0);
AT(tdx_quote_t, status, 2);
AT(tdx_quote_t, in_len, 4);
AT(tdx_quote_t, out_len, 8);
AT(tdx_quote_t, data, 12);

_Static_assert(sizeof(tdx_report_full_t) == 1024, "tdx_report_full_t");
AT(tdx_report_full_t, report_mac_struct.reserved1, 4);
AT(tdx_report_full_t, report_mac_struct.cpu_svn, 16);
AT(tdx_report_full_t, report_mac_struct.tee_tcb_info_hash, 32);
AT(tdx_report_full_t, report_mac_struct.tee_info_hash, 80);
AT(tdx_report_full_t, report_mac_struct.report_data, 128);
AT(tdx_report_full_t, report_mac_struct.reserved2, 192);
AT(tdx_report_full_t, report_mac_struct.mac, 224);
AT(tdx_report_full_t, tee_tcb_info, 256);
AT(tdx_report_full_t, reserved, 495);
AT(tdx_report_full_t, td_info, 512);
AT(tdx_report_full_t, td_info.xfam, 520);
AT(tdx_report_full_t, td_info.mrtd, 528);
AT(tdx_report_full_t, td_info.mrconfigid, 576);
AT(tdx_report_full_t, td_info.mrowner, 624);
AT(tdx_report_full_t, td_info.mrownerconfig, 672);
AT(tdx_report_full_t, td_info.rtmr, 720);
AT(tdx_report_full_t, td_info.reserved, 912);

_Static_assert(sizeof(tdx_quote_header_t) == 48, "tdx_quote_header_t");
AT(tdx_quote_header_t, att_key_type, 2);
AT(tdx_quote_header_t, tee_type, 4);
AT(tdx_quote_header_t, reserved, 8);
AT(tdx_quote_header_t, qe_vendor_id, 12);
AT(tdx_quote_header_t, user_data, 28);

_Static_assert(sizeof(tdx_attestation_config_t) == 776, "tdx_attestation_config_t");
AT(tdx_attestation_config_t, pccs_url, 256);
AT(tdx_attestation_config_t, timeout_ms, 512);
AT(tdx_attestation_config_t, use_qpl, 516);
AT(tdx_attestation_config_t, collateral_path, 517);

_Static_assert(sizeof(tdx_attestation_evidence_t) == 48, "tdx_attestation_evidence_t");
AT(tdx_attestation_evidence_t, quote_size, 8);
AT(tdx_attestation_evidence_t, collateral, 16);
AT(tdx_attestation_evidence_t, collateral_size, 24);
AT(tdx_attestation_evidence_t, timestamp, 32);
AT(tdx_attestation_evidence_t, tcb_status, 40);

_Static_assert(TDX_SUCCESS == 0 && TDX_ERROR_NOT_SUPPORTED == -1 && TDX_ERROR_INVALID_PARAM == -2 &&
                   TDX_ERROR_NO_MEMORY == -3 && TDX_ERROR_ATTESTATION == -4 &&
                   TDX_ERROR_CRYPTO == -5 && TDX_ERROR_COMMUNICATION == -6 &&
                   TDX_ERROR_NOT_TDX_GUEST == -7,
               "the codes of tdx_security.h");
_Static_assert(TDX_ATTEST_SUCCESS == 0 && TDX_ATTEST_ERROR_NOT_INITIALIZED == -100 &&
                   TDX_ATTEST_ERROR_INVALID_PARAM == -101 && TDX_ATTEST_ERROR_NO_MEMORY == -102 &&
                   TDX_ATTEST_ERROR_REPORT_FAILURE == -103 &&
                   TDX_ATTEST_ERROR_QUOTE_FAILURE == -104 && TDX_ATTEST_ERROR_NETWORK == -105 &&
                   TDX_ATTEST_ERROR_VERIFICATION == -106 && TDX_ATTEST_ERROR_NOT_SUPPORTED == -107,
               "the codes of tdx_attestation.h");
_Static_assert(TDX_TCB_STATUS_OK == 0 && TDX_TCB_STATUS_OUT_OF_DATE == 1 &&
                   TDX_TCB_STATUS_REVOKED == 2 && TDX_TCB_STATUS_CONFIGURATION_NEEDED == 3 &&
                   TDX_TCB_STATUS_OUT_OF_DATE_CONFIG == 4 &&
                   TDX_TCB_STATUS_SW_HARDENING_NEEDED == 5,
               "the TCB statuses");
_Static_assert(TDX_SEC_MEMORY_ENCRYPTION == 1 && TDX_SEC_ATTESTATION == 2 &&
                   TDX_SEC_SECURE_BOOT == 4 && TDX_SEC_MEASURED_BOOT == 8 &&
                   TDX_SEC_SEALED_STORAGE == 16,
               "the features");

#define PROTOTYPE(function, result, parameters)                              \
  _Static_assert(_Generic(&(function), result(*) parameters: 1, default: 0), \
                 "the type of " #function)

PROTOTYPE(tdx_security_init, int, (void));
PROTOTYPE(tdx_security_cleanup, void, (void));
PROTOTYPE(tdx_is_guest, bool, (void));
PROTOTYPE(tdx_get_security_info, int, (tdx_security_info_t*));
PROTOTYPE(tdx_generate_report, int, (const uint8_t*, size_t, tdx_report_t*));
PROTOTYPE(tdx_get_quote, int, (const tdx_report_t*, tdx_quote_t*));
PROTOTYPE(tdx_verify_quote, int, (const tdx_quote_t*, bool*));
PROTOTYPE(tdx_protect_memory_region, int, (void*, size_t, uint32_t));
PROTOTYPE(tdx_unprotect_memory_region, int, (void*, size_t));
PROTOTYPE(tdx_is_memory_encrypted, bool, (void*, size_t));
PROTOTYPE(tdx_verify_secure_boot, int, (void));
PROTOTYPE(tdx_get_boot_measurements, int, (uint8_t*, size_t*));
PROTOTYPE(tdx_derive_key, int, (const uint8_t*, size_t, uint8_t*, size_t));
PROTOTYPE(tdx_seal_data, int, (const uint8_t*, size_t, uint8_t*, size_t*));
PROTOTYPE(tdx_unseal_data, int, (const uint8_t*, size_t, uint8_t*, size_t*));
PROTOTYPE(tdx_secure_channel_init, int, (void));
PROTOTYPE(tdx_secure_channel_send, int, (const uint8_t*, size_t));
PROTOTYPE(tdx_secure_channel_recv, int, (uint8_t*, size_t*));
PROTOTYPE(tdx_secure_channel_cleanup, void, (void));

PROTOTYPE(tdx_attestation_init, int, (const tdx_attestation_config_t*));
PROTOTYPE(tdx_attestation_cleanup, void, (void));
PROTOTYPE(tdx_attestation_generate_report, int, (const uint8_t*, size_t, tdx_report_full_t*));
PROTOTYPE(tdx_attestation_get_quote, int, (const tdx_report_full_t*, uint8_t**, size_t*));
PROTOTYPE(tdx_attestation_get_collateral, int, (const uint8_t*, size_t, uint8_t**, size_t*));
PROTOTYPE(tdx_attestation_verify_quote, int,
          (const uint8_t*, size_t, const uint8_t*, size_t, uint32_t*));
PROTOTYPE(tdx_attestation_generate_evidence, int,
          (const uint8_t*, size_t, tdx_attestation_evidence_t**));
PROTOTYPE(tdx_attestation_free_evidence, void, (tdx_attestation_evidence_t*));
PROTOTYPE(tdx_attestation_get_td_info, int, (tdx_report_full_t*));
PROTOTYPE(tdx_attestation_extend_rtmr, int, (uint32_t, const uint8_t*, size_t));
PROTOTYPE(tdx_attestation_get_report_data_hash, int, (const uint8_t*, size_t, uint8_t[64]));
PROTOTYPE(tdx_attestation_platform_register, int, (const char*));
PROTOTYPE(tdx_attestation_get_platform_manifest, int, (uint8_t**, size_t*));
