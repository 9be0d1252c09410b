/* What a program does with the C API that knows it from a guide: each function as such a caller uses
 * it, in plain C. Ends with status 1 where an answer is not what it should be.
 *
 *   guide                                         on a machine that is no TD
 *   guide TD-ROOT ROOT COLLATERAL [HOST:PORT]     in a TD whose files are below TD-ROOT: accepts
 *                                                 quotes under ROOT by COLLATERAL; talks to the
 *                                                 attested peer at HOST:PORT
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tdx_attestation.h>
#include <tdx_security.h>

static int wrong_answers;

static void expect(const char *what, int code, int wanted) {
  printf("%-46s %s\n", what, tdx_strerror(code));
  if (code == wanted) return;
  printf("  WRONG: wanted %d (%s), got %d\n", wanted, tdx_strerror(wanted), code);
  ++wrong_answers;
}

static void expect_true(const char *what, bool holds) {
  printf("%-46s %s\n", what, holds ? "yes" : "no");
  if (!holds) ++wrong_answers;
}

static void report_failure(void *context, const char *function, int code, const char *reason,
                           const char *hint) {
  (void)context;
  printf("  %s: %s (%s) [%d]\n", function, reason, hint, code);
}

static bool is_zero(const void *memory, size_t size) {
  const unsigned char *bytes = memory;
  for (size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

static uint8_t *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(1 << 20);
  if (file == NULL || bytes == NULL) {
    perror(path);
    exit(2);
  }
  *size = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  return bytes;
}

/* "Is this a TD, and what does it offer?" */
static void show_security_info(bool in_td) {
  tdx_security_info_t info;
  expect("tdx_get_security_info", tdx_get_security_info(&info), TDX_SUCCESS);
  printf("TD %d, version %u, features 0x%x\n", info.is_tdx_guest, info.tdx_version,
         info.security_features);
  expect_true("it is what it should be", info.is_tdx_guest == in_td && tdx_is_guest() == in_td);
  expect_true("attestation is there in a TD", info.attestation_available == in_td);
  expect_true("no feature outside a TD", in_td || info.security_features == 0);
}

/* "Make a report, have it quoted, verify the quote." */
static void attest(bool in_td) {
  uint8_t report_data[64] = "a nonce of the verifier's";
  const int refused = in_td ? TDX_SUCCESS : TDX_ERROR_NOT_TDX_GUEST;
  tdx_report_t report;
  expect("tdx_generate_report", tdx_generate_report(report_data, sizeof report_data, &report),
         refused);
  expect_true("report data, or zeros", in_td ? memcmp(report.report_data, report_data, 64) == 0
                                             : is_zero(&report, sizeof report));

  tdx_quote_t small;
  const int code = tdx_get_quote(&report, &small);
  if (code == TDX_SUCCESS) {
    bool verified = false;
    expect("tdx_verify_quote", tdx_verify_quote(&small, &verified), TDX_SUCCESS);
    expect_true("verified", verified);
  } else {
    expect("tdx_get_quote", code, in_td ? TDX_ERROR_BUFFER_TOO_SMALL : refused);
  }

  static uint8_t quote[16384];
  size_t quote_size = sizeof quote;
  expect("tdx_get_quote_bytes", tdx_get_quote_bytes(&report, quote, &quote_size), refused);
  bool verified = !in_td;
  expect("tdx_verify_quote_bytes", tdx_verify_quote_bytes(quote, quote_size, &verified),
         in_td ? TDX_SUCCESS : TDX_ERROR_ATTESTATION);
  expect_true("verified in a TD, and nowhere else", verified == in_td);

  uint8_t measurements[TDX_BOOT_MEASUREMENTS_SIZE];
  size_t size = sizeof measurements;
  expect("tdx_get_boot_measurements", tdx_get_boot_measurements(measurements, &size), refused);
  tdx_secure_boot_state_t boot;
  expect("tdx_get_secure_boot_state", tdx_get_secure_boot_state(NULL, 0, &boot), TDX_SUCCESS);
  expect_true("tdx_verify_secure_boot does not guess", tdx_verify_secure_boot() != TDX_SUCCESS);
}

/* "Keep a secret out of swap and core dumps." */
static void protect_secret(void) {
  static uint8_t secret[4096];
  expect("tdx_protect_memory_region",
         tdx_protect_memory_region(secret, sizeof secret, TDX_MEMORY_NO_DUMP), TDX_SUCCESS);
  expect("tdx_protect_memory_region of nothing",
         tdx_protect_memory_region(NULL, sizeof secret, TDX_MEMORY_NO_DUMP),
         TDX_ERROR_INVALID_PARAM);
  uint32_t done = 0;
  const int code =
      tdx_protect_memory_region_report(secret, sizeof secret, TDX_MEMORY_NO_DUMP, &done);
  expect("tdx_protect_memory_region_report", code, TDX_SUCCESS);
  expect_true("not in core dumps", done == TDX_MEMORY_NO_DUMP);
  expect("tdx_unprotect_memory_region", tdx_unprotect_memory_region(secret, sizeof secret),
         TDX_SUCCESS);
  expect_true("nobody says that it is encrypted", !tdx_is_memory_encrypted(secret, sizeof secret));
  uint8_t *guarded = tdx_memory_allocate(32, TDX_MEMORY_LOCKED, NULL);
  expect_true("guarded memory", guarded != NULL && is_zero(guarded, 32));
  tdx_memory_free(guarded);
}

/* "Derive a key, seal some data." No broker is set, so there is no key. */
static void seal(void) {
  const uint8_t label[] = "database";
  uint8_t key[32];
  memset(key, 0xaa, sizeof key);
  expect("tdx_derive_key", tdx_derive_key(label, sizeof label, key, sizeof key),
         TDX_ERROR_NO_KEY_SOURCE);
  expect_true("no key is made from public values", is_zero(key, sizeof key));
  uint8_t sealed[512];
  size_t size = sizeof sealed;
  expect("tdx_seal_data", tdx_seal_data(label, sizeof label, sealed, &size),
         TDX_ERROR_NO_KEY_SOURCE);
  size = sizeof sealed;
  expect_true("tdx_unseal_data opens nothing",
              tdx_unseal_data(sealed, sizeof sealed, sealed, &size) != TDX_SUCCESS);
}

/* "Talk to a peer that has proven what it is." */
static void talk(const char *peer) {
  expect("tdx_secure_channel_init, no peer", tdx_secure_channel_init(), TDX_ERROR_NOT_SUPPORTED);
  if (peer == NULL) return;
  const char policy[] = "version = 1\n";
  expect("tdx_set_policy", tdx_set_policy(policy, strlen(policy)), TDX_SUCCESS);
  expect("tdx_secure_channel_configure", tdx_secure_channel_configure(peer, NULL, true, 20000),
         TDX_SUCCESS);
  expect("tdx_secure_channel_init", tdx_secure_channel_init(), TDX_SUCCESS);
  const uint8_t hello[] = {'h', 'i', '\n'};
  expect("tdx_secure_channel_send", tdx_secure_channel_send(hello, sizeof hello), TDX_SUCCESS);
  uint8_t answer[64];
  size_t size = sizeof answer;
  expect("tdx_secure_channel_recv", tdx_secure_channel_recv(answer, &size), TDX_SUCCESS);
  expect_true("the peer's answer", size == 5 && memcmp(answer, "hello", 5) == 0);
  tdx_secure_channel_cleanup();
}

/* "What will the verifier need?" The same as the evidence has. */
static void get_collateral(const tdx_attestation_evidence_t *evidence) {
  uint8_t *collateral = NULL;
  size_t size = 0;
  expect("tdx_attestation_get_collateral",
         tdx_attestation_get_collateral(evidence->quote, evidence->quote_size, &collateral, &size),
         TDX_ATTEST_SUCCESS);
  expect_true("that of the evidence", collateral != NULL && size == evidence->collateral_size &&
                                          memcmp(collateral, evidence->collateral, size) == 0);
  tdx_attestation_free(collateral);
}

/* tdx_attestation.h, as its caller begins: with addresses in a struct. */
static void gather_evidence(bool in_td) {
  tdx_attestation_config_t config;
  memset(&config, 0, sizeof config);
  strncpy(config.qgs_url, "https://qgs.example:4050/", sizeof config.qgs_url - 1);
  strncpy(config.pccs_url, "https://localhost:8081/sgx/certification/v4/",
          sizeof config.pccs_url - 1);
  config.timeout_ms = 20000;
  config.use_qpl = true;
  expect("tdx_attestation_init, https quoting", tdx_attestation_init(&config), TDX_ATTEST_SUCCESS);
  tdx_report_full_t report;
  memset(&report, 0, sizeof report);
  uint8_t *quote = NULL;
  size_t size = 0;
  expect("tdx_attestation_get_quote over https", tdx_attestation_get_quote(&report, &quote, &size),
         TDX_ATTEST_ERROR_NOT_SUPPORTED);
  config.qgs_url[0] = '\0';
  expect("tdx_attestation_init", tdx_attestation_init(&config), TDX_ATTEST_SUCCESS);

  const char claim[] = "what this service says";
  uint8_t hash[64];
  expect("tdx_attestation_get_report_data_hash",
         tdx_attestation_get_report_data_hash((const uint8_t *)claim, strlen(claim), hash),
         TDX_ATTEST_SUCCESS);
  const int refused = in_td ? TDX_ATTEST_SUCCESS : TDX_ATTEST_ERROR_NOT_SUPPORTED;
  expect("tdx_attestation_generate_report",
         tdx_attestation_generate_report(hash, sizeof hash, &report), refused);
  expect("tdx_report_check_structure", tdx_report_check_structure(&report, hash),
         in_td ? TDX_ATTEST_SUCCESS : TDX_ATTEST_ERROR_VERIFICATION);
  expect("tdx_attestation_get_td_info", tdx_attestation_get_td_info(&report), refused);
  expect("tdx_attestation_extend_rtmr", tdx_attestation_extend_rtmr(2, hash, 48), refused);

  tdx_attestation_evidence_t *evidence = NULL;
  expect("tdx_attestation_generate_evidence",
         tdx_attestation_generate_evidence(hash, sizeof hash, &evidence), refused);
  uint32_t status = TDX_TCB_STATUS_OK;
  if (evidence != NULL) {
    tdx_quote_header_t header;
    memcpy(&header, evidence->quote, sizeof header);
    expect_true("a quote of a TD", header.tee_type == 0x81 && header.att_key_type == 2);
    get_collateral(evidence);
    expect("tdx_attestation_verify_quote",
           tdx_attestation_verify_quote(evidence->quote, evidence->quote_size,
                                        evidence->collateral, evidence->collateral_size, &status),
           TDX_ATTEST_SUCCESS);
    expect_true("its TCB status", status == TDX_TCB_STATUS_OK);
    evidence->quote[600] ^= 1;
    expect("tdx_attestation_verify_quote, one bit off",
           tdx_attestation_verify_quote(evidence->quote, evidence->quote_size,
                                        evidence->collateral, evidence->collateral_size, &status),
           TDX_ATTEST_ERROR_VERIFICATION);
  } else {
    uint8_t *collateral = hash;
    size = sizeof hash;
    expect("tdx_attestation_get_collateral of nothing",
           tdx_attestation_get_collateral(hash, sizeof hash, &collateral, &size),
           TDX_ATTEST_ERROR_INVALID_PARAM);
    expect_true("and nothing is given", collateral == NULL && size == 0);
    expect("tdx_attestation_verify_quote of nothing",
           tdx_attestation_verify_quote(hash, sizeof hash, NULL, 0, &status),
           TDX_ATTEST_ERROR_VERIFICATION);
  }
  expect_true("no status for what is refused", status == UINT32_MAX);
  tdx_attestation_free_evidence(evidence);

  uint8_t *manifest = NULL;
  expect("tdx_attestation_get_platform_manifest",
         tdx_attestation_get_platform_manifest(&manifest, &size), TDX_ATTEST_ERROR_NOT_SUPPORTED);
  expect("tdx_attestation_platform_register", tdx_attestation_platform_register(NULL),
         TDX_ATTEST_ERROR_NOT_SUPPORTED);
  tdx_attestation_cleanup();
}

int main(int argc, char **argv) {
  const bool in_td = argc >= 4;
  tdx_set_reporter(report_failure, NULL);
  if (in_td) {
    size_t root_size;
    size_t bundle_size;
    uint8_t *root = read_file(argv[2], &root_size);
    uint8_t *bundle = read_file(argv[3], &bundle_size);
    expect("tdx_set_td_root", tdx_set_td_root(argv[1]), TDX_SUCCESS);
    expect("tdx_insecure_trust_root", tdx_insecure_trust_root(root, root_size), TDX_SUCCESS);
    expect("tdx_set_collateral", tdx_set_collateral(bundle, bundle_size), TDX_SUCCESS);
    free(root);
    free(bundle);
  } else {
    /* The machine that this is built on may be a TD: another place has none. */
    expect("tdx_set_td_root", tdx_set_td_root("/nonexistent"), TDX_SUCCESS);
  }
  expect("tdx_security_init", tdx_security_init(), TDX_SUCCESS);
  show_security_info(in_td);
  attest(in_td);
  protect_secret();
  seal();
  talk(argc >= 5 ? argv[4] : NULL);
  gather_evidence(in_td);
  tdx_security_cleanup();
  tdx_security_cleanup();
  printf("%d wrong answers\n", wrong_answers);
  return wrong_answers == 0 ? 0 : 1;
}
