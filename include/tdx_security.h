/* The security of the TD that a program runs in: what it is, reports, quotes, protected memory,
 * keys, sealed data and attested channels. docs/c-api.md says what each function really does, and
 * where it refuses.
 *
 * Conventions, for this header and tdx_attestation.h:
 *
 * 1. Every function that can fail returns an int: TDX_SUCCESS, which is 0 in both headers, or one
 *    of the negative codes. tdx_strerror() names each; tdx_set_reporter() has the reasons. A
 *    function that returns bool says true only for what it has just proven, and false for "no" and
 *    for "unknown" alike; beside each stands one that tells these apart.
 * 2. After a failure every output is zero, and no part of an answer stands in it. A TCB status is
 *    then TDX_TCB_STATUS_UNKNOWN, since zero would read as "up to date". Lengths are zero too,
 *    except as in 3.
 * 3. Memory is the caller's. Where a length is an in/out parameter it holds the buffer's size on
 *    entry, of which all may be written to, and the number of bytes of the answer on return. With
 *    a buffer that is NULL or too small the length is what is needed, and the code is
 *    TDX_ERROR_BUFFER_TOO_SMALL.
 *    What a function of tdx_attestation.h hands out through a pointer to a pointer is the caller's
 *    to free, as that function says.
 * 4. A pointer may be NULL only where its function says so; a pointer to data may always be where
 *    the length is 0. Otherwise the code is that of a wrong parameter. Text ends with a zero byte.
 *    Bytes, a report or a quote may be written over what a function reads; other outputs may not.
 *    By convention 2 what was there is lost if the function fails: not the way for sealed data of
 *    which there is no other copy.
 *    A quote is verified as it is when the call begins: nobody can change it in between.
 * 5. Any function may be called from any thread at any time. One that is under way while another
 *    thread changes a setting or cleans up ends as it began, with the settings that it began with.
 *    The process has one set of settings and one channel; tdx_security_init() and
 *    tdx_attestation_init() may be called again, and so may both cleanups. A process that was
 *    forked while another thread was in one of these functions cannot use them; any other forked
 *    one calls both cleanups first, and then init: without that there are no quotes.
 * 6. Nothing here prints, ends the process (but see tdx_memory_free()), changes signal handlers, or
 *    reads environment variables. Nothing trusts a simulator that was not told to by a function
 *    with "insecure" in its name, or by a policy that names its root.
 */

#ifndef TDX_SECURITY_H
#define TDX_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TDX_SUCCESS 0
/* This machine, kernel or build cannot do it, or it needs a setting that is not there. */
#define TDX_ERROR_NOT_SUPPORTED (-1)
#define TDX_ERROR_INVALID_PARAM (-2)
#define TDX_ERROR_NO_MEMORY (-3)
/* No report or quote could be had, or it is not what it should be, or it is not accepted. */
#define TDX_ERROR_ATTESTATION (-4)
/* A cryptographic operation failed, among them: sealed data that does not open. */
#define TDX_ERROR_CRYPTO (-5)
/* The peer, or a service, did not answer as it should. */
#define TDX_ERROR_COMMUNICATION (-6)
#define TDX_ERROR_NOT_TDX_GUEST (-7)
/* There is no source of keys: a TD has none of its own, and none is made from public values. */
#define TDX_ERROR_NO_KEY_SOURCE (-8)
#define TDX_ERROR_BUFFER_TOO_SMALL (-9)
#define TDX_ERROR_NOT_INITIALIZED (-10)
/* A bug of the library's. */
#define TDX_ERROR_INTERNAL (-11)

/* A code of this header or of tdx_attestation.h in words. Never NULL; valid for ever. */
const char* tdx_strerror(int code);

/* ----- Settings, for both headers -----
 *
 * They can be made before init and after it, and stay until they are made anew, cleanup or not. */

/* Is told of each failure, on the thread that failed, before the function returns: which function,
 * the code, what was seen and what was wanted, and what to do about it (may be empty). With the
 * code 0 nothing has failed so far: it is told what the caller should know of the collateral that
 * was fetched, such as that it is an old one since nobody answered. The texts
 * hold no secrets, are valid during the call, and are for people: they change between versions.
 * Must not call functions of these headers. NULL takes it away. */
typedef void (*tdx_reporter_t)(void* context, const char* function, int code, const char* reason,
                               const char* hint);
void tdx_set_reporter(tdx_reporter_t reporter, void* context);

/* The directory below which the files of a TD stand, at the places that Linux has them:
 * dev/tdx_guest, sys/kernel/config/tsm/report and so on. For containers with bind mounts, and for
 * simulated TDs (quoin sim mount). NULL: the kernel's own. Where it is set, nothing is said about
 * the memory and the processor of this process, which may be another machine's. Fails with
 * TDX_ERROR_INVALID_PARAM for a path that is empty or not absolute, and, whatever the path, between
 * an init and its cleanup. */
int tdx_set_td_root(const char* path);

/* What is accepted, in TOML (docs/formats.md). Copies. A policy that does not load is
 * TDX_ERROR_INVALID_PARAM, and takes away the one that was there; NULL does that too. Only after
 * TDX_ERROR_NO_MEMORY the one that was there holds. Without a
 * policy the default one holds: it asks for the TCB status UpToDate and pins nothing, so that it
 * accepts no quote under Intel's root: a genuine quote may be of any program. In the text no
 * platform lists in files of their own can be named; from a file they are read from where it
 * stands. */
int tdx_set_policy(const char* toml, size_t len);
int tdx_set_policy_file(const char* path);

/* A root certificate, PEM or DER, that is trusted besides Intel's, as a simulator's must be:
 * whoever has its key can make any quote. NULL with 0 takes it away. */
int tdx_insecure_trust_root(const uint8_t* certificate, size_t len);

/* The collateral that quotes are verified with where a call gives none: a bundle, as
 * tdx_attestation_get_collateral() gives it. Copies. NULL with 0 takes it away; then it is fetched
 * as tdx_attestation_init() was told, and not at all before that. */
int tdx_set_collateral(const uint8_t* bundle, size_t len);

/* ----- What this machine is ----- */

/* Bits of tdx_security_info_t.security_features. */
#define TDX_SEC_MEMORY_ENCRYPTION 0x01u /* as memory_encryption_enabled */
#define TDX_SEC_ATTESTATION 0x02u       /* as attestation_available */
#define TDX_SEC_SECURE_BOOT 0x04u       /* as secure_boot_enabled */
#define TDX_SEC_MEASURED_BOOT 0x08u     /* the event log replays to RTMR0, 1 and 2 */
#define TDX_SEC_SEALED_STORAGE 0x10u    /* a key source is set; whether it gives keys, it says */

typedef struct {
  bool is_tdx_guest;
  uint32_t tdx_version; /* 10 or 15: the form of the TDREPORT; 0 outside a TD */
  uint32_t security_features;
  bool memory_encryption_enabled; /* of this process: a TD whose files are the kernel's own */
  bool attestation_available;     /* the kernel has a provider of quotes, or the host's service
                                     takes a connection; whether it works, a quote says. False
                                     where a quote that others wait for hides that for 2 seconds */
  bool secure_boot_enabled;       /* tdx_verify_secure_boot() would succeed */
} tdx_security_info_t;

/* Succeeds on every machine, TD or not; calling it again does nothing. All functions below fail
 * with TDX_ERROR_NOT_INITIALIZED, or say false, before. */
int tdx_security_init(void);
/* Closes the channel. Settings stay, and so do protected and allocated memory. */
void tdx_security_cleanup(void);

/* Whether there is a TD: true when it has just made a TDREPORT with report data drawn for that, and
 * the report's hashes are right. It is no proof to anybody else: that takes a quote, and somebody
 * else to verify it. */
bool tdx_is_guest(void);
/* The same with the reason: TDX_SUCCESS, TDX_ERROR_NOT_TDX_GUEST where nothing of a TD is there, or
 * TDX_ERROR_ATTESTATION where something is and does not answer as a TD does. */
int tdx_check_guest(void);

/* Succeeds outside a TD too, and says so. */
int tdx_get_security_info(tdx_security_info_t* info);

/* ----- Reports and quotes ----- */

/* The front of a TDREPORT, which is 1024 bytes; tdx_attestation_generate_report() has all of it. */
typedef struct {
  uint8_t report_mac_struct[256]; /* REPORTMACSTRUCT */
  uint8_t report_data[64];        /* the bytes at 128 of REPORTMACSTRUCT */
  uint8_t reserved[32];           /* zero */
} tdx_report_t;

/* Most quotes are larger than this: one with its certificates has about 5000 bytes.
 * tdx_get_quote() fails then, and tdx_get_quote_bytes() is the one to call. */
#define TDX_QUOTE_DATA_SIZE 4096
typedef struct {
  uint16_t version; /* of the quote: 4 or 5 */
  uint16_t status;  /* 0: data holds a quote of out_len bytes */
  uint32_t in_len;  /* of the TDREPORT that was quoted: 1024 */
  uint32_t out_len;
  uint8_t data[TDX_QUOTE_DATA_SIZE];
} tdx_quote_t;

/* A TDREPORT with that report data, 0 to 64 bytes, filled up with zeros. Whoever lets guests choose
 * them lets guests speak for the TD: see tdx_attestation_get_report_data_hash(). */
int tdx_generate_report(const uint8_t* report_data, size_t len, tdx_report_t* report);

/* A quote that says what that report says: of this TD, in the state in which it made the report.
 * Has the TD make the report again: where it comes out as another, because the TD has changed since
 * (an RTMR was extended) or did not make that one, it is TDX_ERROR_ATTESTATION. So it is where the
 * quote says anything else than the report. TDX_ERROR_BUFFER_TOO_SMALL: see tdx_quote_t. */
int tdx_get_quote(const tdx_report_t* report, tdx_quote_t* quote);
/* The same for quotes of any size. Each call makes a quote, the one that asks for the size too:
 * 16384 bytes hold every quote that there is today. */
int tdx_get_quote_bytes(const tdx_report_t* report, uint8_t* quote, size_t* len);

/* Whether the quote is genuine, and accepted by the policy, now by the system's clock. TDX_SUCCESS
 * and true, or neither: TDX_ERROR_ATTESTATION is a quote that is refused, TDX_ERROR_NOT_SUPPORTED
 * that there is no collateral, TDX_ERROR_COMMUNICATION that it cannot be fetched.
 * tdx_attestation_appraise() tells genuine from accepted, and says what is wrong. */
int tdx_verify_quote(const tdx_quote_t* quote, bool* verified);
int tdx_verify_quote_bytes(const uint8_t* quote, size_t len, bool* verified);

/* ----- Memory ----- */

/* What can be done for memory, as bits. */
#define TDX_MEMORY_LOCKED 0x01u       /* never written to swap */
#define TDX_MEMORY_NO_DUMP 0x02u      /* not in core dumps */
#define TDX_MEMORY_NO_FORK 0x04u      /* a child process does not have it */
#define TDX_MEMORY_WIPE_ON_FORK 0x08u /* a child process has zeros there */
#define TDX_MEMORY_GUARDED 0x10u      /* pages without access before and behind it */
#define TDX_MEMORY_SECRET 0x20u       /* memfd_secret(2): not even in the kernel's own map */

/* Protects the pages that the region touches. flags are bits from LOCKED to WIPE_ON_FORK; 0 means
 * LOCKED and NO_DUMP. Success is that all of them hold: TDX_ERROR_NOT_SUPPORTED when the kernel did
 * not do one (locked memory is limited: ulimit -l), and the others hold all the same. The two about
 * fork() need whole pages, and exclude each other; memory of tdx_memory_allocate() has them from
 * the beginning or not at all. */
int tdx_protect_memory_region(void* address, size_t size, uint32_t flags);
/* The same, and says in *done which of them hold, on failure too. */
int tdx_protect_memory_region_report(void* address, size_t size, uint32_t flags, uint32_t* done);
/* Takes back all four for the pages that lie wholly in the region; of memory of
 * tdx_memory_allocate() not the two about fork(). Does not wipe it. */
int tdx_unprotect_memory_region(void* address, size_t size);

/* Memory of its own, zero at first, between guards, with the measures of flags, which may also name
 * SECRET, which a child never has; *done says which hold (NULL: nobody asks). Wiped and given back
 * by tdx_memory_free(). NULL when there is none. Both work without an init. */
void* tdx_memory_allocate(size_t size, uint32_t flags, uint32_t* done);
/* NULL is allowed; what tdx_memory_allocate() did not return ends the process. */
void tdx_memory_free(void* address);

/* Whether the processor keeps this memory from the host: true in a TD whose files are the kernel's
 * own, for a region that is the process's own anonymous memory from end to end. What is mapped from
 * a file or a device may be shared with the host, and is false. */
bool tdx_is_memory_encrypted(void* address, size_t size);
/* The same as a TDX_ANSWER_...: NO outside a TD, UNKNOWN for a mapping of another kind. */
int tdx_query_memory_encryption(void* address, size_t size, uint32_t* answer);

#define TDX_ANSWER_UNKNOWN 0u
#define TDX_ANSWER_NO 1u
#define TDX_ANSWER_YES 2u

/* ----- Boot ----- */

/* Secure Boot, as three answers, TDX_ANSWER_... each: what the firmware's variable says now, what
 * the event log says was measured at boot, and whether that log replays to RTMR0. "Yes" says that
 * something was checked, under the keys that the firmware has, not what. */
typedef struct {
  uint32_t variable;
  uint32_t logged;
  uint32_t log_replays;
} tdx_secure_boot_state_t;
/* Of the RTMR0 that this quote has, which is not verified here; with NULL and 0, that of a fresh
 * TDREPORT. Fails only where nothing at all can be asked. */
int tdx_get_secure_boot_state(const uint8_t* quote, size_t len, tdx_secure_boot_state_t* state);
/* TDX_SUCCESS only where all three say yes. TDX_ERROR_ATTESTATION where one says no, or where this
 * TD's report is not right; TDX_ERROR_NOT_TDX_GUEST where there is no TD; else
 * TDX_ERROR_NOT_SUPPORTED. */
int tdx_verify_secure_boot(void);

/* MRTD, then RTMR0 to RTMR3, 48 bytes each, of a fresh TDREPORT. */
#define TDX_BOOT_MEASUREMENTS_SIZE 240
int tdx_get_boot_measurements(uint8_t* measurements, size_t* len);

/* ----- Keys and sealed data -----
 *
 * A TD has no key of its own: everything is derived from a root secret that a key source gives.
 * Where there is none, they fail with TDX_ERROR_NO_KEY_SOURCE; where it refuses this TD, or there
 * is no quote of this TD to show, with TDX_ERROR_ATTESTATION; where it does not answer, with
 * TDX_ERROR_COMMUNICATION. For one root, the broker and this TD's quote have 60 seconds; looking
 * up the broker's name has the system's time. */

/* The key broker that gives root secrets (docs/key-broker.md): "HOST:PORT", and the SHA-256 of its
 * key, 32 bytes, which is to come from where the TD's measurements reach: whoever chooses the
 * broker chooses the keys. policy_id is the broker's name of the policy; NULL: "default". Reaches
 * for nothing yet. NULL as address takes the broker away. A broker that comes back with an older
 * state than it had is refused as long as it stays set; beyond that, tdx_set_minimum_epoch() says
 * what it had. */
int tdx_set_key_broker(const char* address, const uint8_t* key_sha256, const char* policy_id);
/* For the brokers that are set after this: one whose policy is at a lower epoch is refused, since
 * somebody has put back an old database of it. From the image, say, or of the newest data that was
 * sealed (quoin inspect). 0, as at first: any epoch. */
int tdx_set_minimum_epoch(uint64_t epoch);

/* key_len bytes, 16 to 8160, for a label of 1 to 256 bytes: the same wherever the source gives the
 * same root, after a reboot too, and unrelated to the key of any other label or length. */
int tdx_derive_key(const uint8_t* label, size_t label_len, uint8_t* key, size_t key_len);

/* AES-256-GCM under a key of its own each time. What is sealed opens under the same root, whole and
 * unchanged; anything else is TDX_ERROR_CRYPTO, but for the number of an epoch in it: the source is
 * asked for that one, and one that it does not have, or no longer gives, is TDX_ERROR_ATTESTATION.
 * Called with a NULL buffer, both say how long their output is; tdx_unseal_data() has opened the
 * data by then. At most 1 GiB: larger data is for quoin/seal.h. */
int tdx_seal_data(const uint8_t* data, size_t len, uint8_t* sealed, size_t* sealed_len);
int tdx_unseal_data(const uint8_t* sealed, size_t len, uint8_t* data, size_t* data_len);

/* ----- An attested channel -----
 *
 * One channel to one peer: TLS 1.3, which carries data only once the peer's evidence, made for that
 * very connection, is accepted by the policy. A TD gives evidence of itself to a peer that wants
 * it. */

/* The peer: "HOST:PORT". peer_key_sha256, 32 bytes or NULL, is the SHA-256 of the
 * SubjectPublicKeyInfo that it must have. wants_evidence says whether the peer must attest; only
 * with a key can it be false. timeout_ms, 1 to 3600000, or 0 for 30 seconds, is for connecting,
 * this TD's own quote included, and for each call to send and to receive. Not held to it are
 * looking up the peer's name, and fetching collateral for its evidence, which has the time of
 * tdx_attestation_init() for each request: where they take longer, connecting fails once they are
 * over. An address in numbers and tdx_set_collateral() need neither. Copies. NULL as peer takes it
 * away; a channel that is open stays. */
int tdx_secure_channel_configure(const char* peer, const uint8_t* peer_key_sha256,
                                 bool wants_evidence, uint32_t timeout_ms);
/* Connects, and has the peer accepted. TDX_ERROR_NOT_SUPPORTED when no peer is configured, or when
 * evidence is wanted and no policy was set; TDX_ERROR_COMMUNICATION when the peer cannot be
 * reached, TDX_ERROR_ATTESTATION when either side refuses the other, or wants a quote that this TD
 * does not give. A channel that is open already is TDX_ERROR_INVALID_PARAM. */
int tdx_secure_channel_init(void);
/* All of the data, or a failure, behind which the channel is closed. Without a channel it is
 * TDX_ERROR_COMMUNICATION. */
int tdx_secure_channel_send(const uint8_t* data, size_t len);
/* What has come, at least one byte and at most *len. A peer that has ended in order gives
 * TDX_SUCCESS with *len 0; TDX_ERROR_COMMUNICATION is one that was cut off, or that says nothing
 * for the time given, behind which the channel stays. */
int tdx_secure_channel_recv(uint8_t* data, size_t* len);
/* Tells the peer that nothing more comes, and closes. */
void tdx_secure_channel_cleanup(void);

#ifdef __cplusplus
}
#endif

#endif
