/* Attestation of the TD that a program runs in, and of others: reports, quotes, collateral, and
 * whether to accept them. The conventions are those of tdx_security.h, whose settings hold here
 * too: td_root, policy, trusted roots, collateral and reporter. docs/c-api.md says what each
 * function really does, and where it refuses. */

#ifndef TDX_ATTESTATION_H
#define TDX_ATTESTATION_H

#include "tdx_security.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TDX_ATTEST_SUCCESS 0
#define TDX_ATTEST_ERROR_NOT_INITIALIZED (-100)
#define TDX_ATTEST_ERROR_INVALID_PARAM (-101)
#define TDX_ATTEST_ERROR_NO_MEMORY (-102)
/* The TD made no report, or refused to be extended. */
#define TDX_ATTEST_ERROR_REPORT_FAILURE (-103)
#define TDX_ATTEST_ERROR_QUOTE_FAILURE (-104)
/* A service could not be reached, or answers as it should not. */
#define TDX_ATTEST_ERROR_NETWORK (-105)
/* What was looked at is not genuine, or not accepted. */
#define TDX_ATTEST_ERROR_VERIFICATION (-106)
#define TDX_ATTEST_ERROR_NOT_SUPPORTED (-107)
/* A bug of the library's. */
#define TDX_ATTEST_ERROR_INTERNAL (-108)

/* Of a platform. Those behind SW_HARDENING_NEEDED are Intel's too, and not in older callers. */
#define TDX_TCB_STATUS_OK 0u
#define TDX_TCB_STATUS_OUT_OF_DATE 1u
#define TDX_TCB_STATUS_REVOKED 2u
#define TDX_TCB_STATUS_CONFIGURATION_NEEDED 3u
#define TDX_TCB_STATUS_OUT_OF_DATE_CONFIG 4u
#define TDX_TCB_STATUS_SW_HARDENING_NEEDED 5u
#define TDX_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED 6u
#define TDX_TCB_STATUS_TD_RELAUNCH_ADVISED 7u
#define TDX_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED 8u
/* Not known: nobody has looked, or what was looked at says none that there is. */
#define TDX_TCB_STATUS_UNKNOWN UINT32_MAX

/* TDREPORT_STRUCT (Intel TDX Module ABI specification), 1024 bytes, integers little-endian. */
typedef struct {
  struct {
    uint8_t report_type[4]; /* type 0x81, subtype, version, 0 */
    uint8_t reserved1[12];
    uint8_t cpu_svn[16];
    uint8_t tee_tcb_info_hash[48]; /* SHA-384 of tee_tcb_info */
    uint8_t tee_info_hash[48];     /* SHA-384 of td_info */
    uint8_t report_data[64];
    uint8_t reserved2[32];
    uint8_t mac[32];
  } report_mac_struct;
  uint8_t tee_tcb_info[239];
  uint8_t reserved[17];
  struct {
    uint8_t attributes[8];
    uint8_t xfam[8];
    uint8_t mrtd[48];
    uint8_t mrconfigid[48];
    uint8_t mrowner[48];
    uint8_t mrownerconfig[48];
    uint8_t rtmr[4][48];
    uint8_t reserved[112]; /* TDX 1.5: SERVTD_HASH in the first 48 */
  } td_info;
} tdx_report_full_t;

/* The first 48 bytes of a quote, version 4 or 5. */
typedef struct {
  uint16_t version;
  uint16_t att_key_type; /* 2: ECDSA with P-256 */
  uint32_t tee_type;     /* 0x81: TDX */
  uint32_t reserved;
  uint8_t qe_vendor_id[16];
  uint8_t user_data[20];
} tdx_quote_header_t;

typedef struct {
  /* The quote generation service, for the functions of this header: "vsock:CID:PORT",
   * "tcp:HOST:PORT" or "unix:PATH". Empty, and for those of tdx_security.h: the host's, if
   * /etc/tdx-attest.conf names its port. A report is quoted by the service where there is one, and
   * otherwise by the kernel, which makes it again. Where any report will do (the platform's
   * identity, a channel, a key broker) the kernel comes first unless a service is named here.
   * "https://..." is taken, and every quote is then TDX_ATTEST_ERROR_NOT_SUPPORTED: quoting
   * services do not speak HTTP. */
  char qgs_url[256];
  /* Where collateral is fetched: a PCCS or Intel's service. Empty: what
   * /etc/sgx_default_qcnl.conf names, else Intel's. Plain http goes to this machine alone. */
  char pccs_url[256];
  uint32_t timeout_ms; /* for a quote, and for each request; at most 3600000. 0: as long as usual */
  /* Ask the host's libdcap_quoteprov.so.1 for collateral, where it is installed; pccs_url
   * otherwise. It is loaded into this process, once, for good. */
  bool use_qpl;
  /* A file: the collateral, and none is fetched. Else a directory, made when it is missing, in
   * which what was fetched is kept. Empty: nothing is kept. */
  char collateral_path[256];
} tdx_attestation_config_t;

/* Of a TD, for whoever wants to verify it. */
typedef struct {
  uint8_t* quote;
  size_t quote_size;
  uint8_t* collateral;
  size_t collateral_size;
  uint64_t timestamp; /* seconds since 1970, by the system's clock, which the host sets */
  /* What this TD makes of its own quote. UNKNOWN where that is not genuine under the roots that are
   * trusted here. No verifier believes it. */
  uint32_t tcb_status;
} tdx_attestation_evidence_t;

/* NULL is a config that is all zero. Called again, the config is replaced. Reaches for nothing: the
 * TD and the services are asked when something is wanted of them. */
int tdx_attestation_init(const tdx_attestation_config_t* config);
void tdx_attestation_cleanup(void);

/* A TDREPORT with that report data, 0 to 64 bytes, filled up with zeros. */
int tdx_attestation_generate_report(const uint8_t* user_data, size_t len,
                                    tdx_report_full_t* report);

/* SHA-512 of the data under the type "urn:quoin:data:v1" (docs/formats.md): what report data should
 * say of data that somebody else chose. quoin verify --data checks it. */
int tdx_attestation_get_report_data_hash(const uint8_t* data, size_t len, uint8_t hash[64]);

/* The TD as it is now: a TDREPORT with report data of zero. */
int tdx_attestation_get_td_info(tdx_report_full_t* report);

/* A quote of that very report, where a quoting service can be asked for it; else as tdx_get_quote()
 * says. What *quote points to is freed with free(), or tdx_attestation_free(). */
int tdx_attestation_get_quote(const tdx_report_full_t* report, uint8_t** quote, size_t* len);
void tdx_attestation_free(void* allocated);

/* What verifying that quote needs, a bundle in JSON (docs/formats.md), freed likewise. Whether it
 * is genuine and in force is for verification. */
int tdx_attestation_get_collateral(const uint8_t* quote, size_t len, uint8_t** collateral,
                                   size_t* collateral_len);

/* TDX_ATTEST_SUCCESS where the quote is genuine and accepted by the policy, now by the system's
 * clock; *tcb_status is then the platform's. With NULL and 0 as collateral it comes from the
 * settings: TDX_ATTEST_ERROR_NETWORK where it cannot be had, or what they give cannot be read,
 * which says nothing of the quote. TDX_ATTEST_ERROR_VERIFICATION otherwise, also where quote or
 * collateral of the call cannot be read, or the quote is refused before collateral is asked for. */
int tdx_attestation_verify_quote(const uint8_t* quote, size_t len, const uint8_t* collateral,
                                 size_t collateral_len, uint32_t* tcb_status);

/* The same as an answer: succeeds where the question could be asked, whatever the answer is. */
typedef struct {
  bool genuine;        /* every rule held; says nothing of what ran */
  bool accepted;       /* and the policy wants it */
  bool simulated;      /* under a simulator's root: proves nothing */
  uint32_t tcb_status; /* UNKNOWN unless it is genuine */
  int64_t valid_until; /* seconds since 1970: the last second at which this holds; 0: not genuine */
  char reason[64];     /* the id of the first check that did not pass (docs/verification.md) */
  char explanation[1024]; /* what was seen and wanted, and what to do; cut where it is longer */
} tdx_appraisal_t;
/* event_log: the TD's runtime events, in JSON, for policies that name them; NULL with 0 for none.
 * Collateral as above. */
int tdx_attestation_appraise(const uint8_t* quote, size_t len, const uint8_t* collateral,
                             size_t collateral_len, const uint8_t* event_log, size_t event_log_len,
                             tdx_appraisal_t* appraisal);

/* Report, quote and collateral in one. Freed by tdx_attestation_free_evidence(). */
int tdx_attestation_generate_evidence(const uint8_t* user_data, size_t len,
                                      tdx_attestation_evidence_t** evidence);
/* NULL is allowed. */
void tdx_attestation_free_evidence(tdx_attestation_evidence_t* evidence);

/* Extends RTMR 2 or 3 with a digest of 48 bytes (SHA-384); other lengths are no digest, and RTMR 0
 * and 1 are firmware's: both are TDX_ATTEST_ERROR_INVALID_PARAM. Cannot be undone, and is in no
 * event log: where the library logs runtime events in RTMR 3, it refuses to go on after this. */
int tdx_attestation_extend_rtmr(uint32_t index, const uint8_t* digest, size_t len);

/* What can be seen of a TDREPORT without its key: type, versions, reserved fields, both hashes, and
 * with expected (64 bytes, or NULL) the report data. TDX_ATTEST_ERROR_VERIFICATION where one is
 * wrong. Success does not say that a TDX module made it. */
int tdx_report_check_structure(const tdx_report_full_t* report, const uint8_t* expected);
/* Whether this TD made the report: has it make that report again, and compares all of it, the MAC
 * among it. TDX_ATTEST_ERROR_VERIFICATION where the structure is wrong, or only the MAC is;
 * TDX_ATTEST_ERROR_NOT_SUPPORTED for a report of another TD, or of this one in another state, of
 * which nothing is said: Linux has no TDG.MR.VERIFYREPORT for programs. */
int tdx_report_check_mac(const tdx_report_full_t* report);

/* The platform as the PCK certificate in a quote names it. */
typedef struct {
  uint8_t ppid[16];
  uint8_t fmspc[6];
  uint8_t pce_id[2];
  bool has_platform_instance_id;
  uint8_t platform_instance_id[16];
} tdx_platform_identity_t;
/* Of that quote, whose signatures are not looked at; with NULL and 0, of a fresh one of this TD.
 * TDX_ATTEST_ERROR_NOT_SUPPORTED where the quote has no certificate. */
int tdx_attestation_get_platform_identity(const uint8_t* quote, size_t len,
                                          tdx_platform_identity_t* identity);

/* ----- On a host, for whoever runs the machine -----
 *
 * A new or changed machine of several processors leaves a platform manifest in the firmware's
 * variables, once, for Intel's registration service. In a TD there is none, and these are
 * TDX_ATTEST_ERROR_NOT_SUPPORTED, as they are where something of a TD is there and does not answer
 * as one: tdx_attestation_get_platform_identity() says which platform a TD is on. */

/* Where the firmware's variables are; NULL: /sys/firmware/efi/efivars. */
int tdx_attestation_set_uefi_path(const char* path);
/* The manifest, freed as a quote is. TDX_ATTEST_ERROR_NOT_SUPPORTED where there is none. */
int tdx_attestation_get_platform_manifest(uint8_t** manifest, size_t* len);
/* Whether tdx_attestation_platform_register() sends what it has found. It does not unless told:
 * what is sent ties this machine's keys to Intel's service. */
int tdx_attestation_set_registration(bool send);
/* Finds the manifest, and sends it to a registration service: "https://HOST", plain http only to
 * this machine; NULL: Intel's. TDX_ATTEST_SUCCESS is what the service has taken. Where nothing is
 * to be sent it does not succeed: the reporter is told what would be sent where, and
 * TDX_ATTEST_ERROR_NOT_SUPPORTED is the answer where all is well. TDX_ATTEST_ERROR_NETWORK: the
 * service cannot be reached, or does not take it. */
int tdx_attestation_platform_register(const char* server);

#ifdef __cplusplus
}
#endif

#endif
