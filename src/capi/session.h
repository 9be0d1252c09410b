// What the C API keeps between two calls: the one object of the process, and how a function of the
// API works on it and ends.

#ifndef QUOIN_SRC_CAPI_SESSION_H_
#define QUOIN_SRC_CAPI_SESSION_H_

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/policy.h"
#include "quoin/result.h"
#include "quoin/seal.h"
#include "quoin/verifier.h"
#include "src/channel/tcp.h"
#include "src/pcs/service.h"
#include "src/td/linux_paths.h"
#include "src/td/linux_td.h"
#include "src/td/td.h"
#include "tdx_attestation.h"
#include "tdx_security.h"

namespace quoin::capi {

// Whom tdx_secure_channel_init() connects to.
struct ChannelPeer {
  channel::TcpAddress address;
  std::optional<ByteArray<32>> key_sha256;
  bool wants_evidence = true;
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
};

// What tdx_attestation_init() was told.
struct AttestationConfig {
  std::shared_ptr<td::Td> td;
  // Why there are no quotes whatever the TD can do, if that is so.
  std::optional<Error> no_quotes;
  std::string pccs_url;         // empty: as configured on this machine
  std::string collateral_path;  // empty: nothing is kept
  std::chrono::milliseconds request_timeout = std::chrono::seconds(30);
  bool use_qpl = false;
};

// What tdx_security_init() opened.
struct SecurityTd {
  std::shared_ptr<td::Td> td;
  // The same TD for a caller who waits for no answer of it beyond that. Never null.
  std::function<std::shared_ptr<td::Td>(Deadline)> until;
};

// All settings, and what both inits made. A value: whoever works on one keeps it while another
// thread puts a new one in its place.
struct Session {
  tdx_reporter_t reporter = nullptr;
  void* reporter_context = nullptr;

  std::string td_root;  // empty: the kernel's own files
  std::optional<Policy> policy;
  std::vector<TrustRoot> insecure_roots;
  // Under Intel's root, the policy's and insecure_roots. Never null.
  std::shared_ptr<Verifier> verifier =
      std::make_shared<Verifier>(std::vector<TrustRoot>{TrustRoot::intel()});
  std::optional<PreparedCollateral> collateral;
  Bytes collateral_bytes;  // what `collateral` was read from
  std::string uefi_path;
  bool sends_registration = false;
  std::shared_ptr<RootSecretProvider> key_source;
  std::string key_policy_id;
  uint64_t minimum_epoch = 0;
  std::optional<ChannelPeer> peer;

  std::optional<SecurityTd> security_td;  // none before tdx_security_init()
  std::optional<AttestationConfig> attestation;
  // Of both, from the first init to the last cleanup.
  std::shared_ptr<td::QuoteQueue> quotes;

  td::LinuxPaths paths() const;
  // The TD of these files, in a queue for quotes with every other that this session opens.
  std::shared_ptr<td::LinuxTd> open_td(td::LinuxTdOptions options);
  // Nobody is in the queue any more where both inits are cleaned up.
  void leave_queue();
  // Where the TD's runtime events are logged, if they are.
  std::string runtime_log() const { return td_root + "/run/quoin/runtime-log"; }
  // Whether the TD is the one that this process runs in, as far as anybody can say.
  bool td_is_kernels() const { return td_root.empty(); }
};

// The process's session. A copy of what holds now, cheap; never null. Thread-safe.
std::shared_ptr<const Session> session();

// Puts what `change` makes of the session in its place, unless it fails. One change at a time.
// Thread-safe.
Result<void> change_session(const std::function<Result<void>(Session&)>& change);

// Nothing works before that function was called.
Error not_initialized(std::string_view init);
// What the caller handed over makes no sense.
Error wrong(std::string what);

// How a function of the C API ended. Made of the Error that a Result had, in which case the code
// follows from the Error's, or with a code of its own.
class Outcome {
 public:
  Outcome() = default;
  Outcome(Error error) : failed_(true), error_(std::move(error)) {}
  Outcome(int code, Error error) : failed_(true), code_(code), error_(std::move(error)) {}
  Outcome(const Result<void>& result) {
    if (!result.ok()) *this = Outcome(result.error());
  }

  bool ok() const { return !failed_; }
  // 0: it follows from the error.
  int code() const { return code_; }
  const Error& error() const { return error_; }

 private:
  bool failed_ = false;
  int code_ = 0;
  Error error_;
};

// The codes that the errors of some functions become.
struct Codes {
  int failure;    // whatever is not named below
  int not_found;  // what the function is about is not there
  int unsupported;
  int invalid_argument;
  int crypto;
  int no_memory;
  int not_initialized;
  int internal;
};

constexpr Codes security_codes(int failure, int not_found) {
  return {failure,          not_found,           TDX_ERROR_NOT_SUPPORTED,   TDX_ERROR_INVALID_PARAM,
          TDX_ERROR_CRYPTO, TDX_ERROR_NO_MEMORY, TDX_ERROR_NOT_INITIALIZED, TDX_ERROR_INTERNAL};
}
inline constexpr Codes kSecurity = security_codes(TDX_ERROR_ATTESTATION, TDX_ERROR_NOT_TDX_GUEST);
inline constexpr Codes kSettings = security_codes(TDX_ERROR_INVALID_PARAM, TDX_ERROR_INVALID_PARAM);

constexpr Codes attestation_codes(int failure, int not_found, int unsupported) {
  return {failure,
          not_found,
          unsupported,
          TDX_ATTEST_ERROR_INVALID_PARAM,
          failure,
          TDX_ATTEST_ERROR_NO_MEMORY,
          TDX_ATTEST_ERROR_NOT_INITIALIZED,
          TDX_ATTEST_ERROR_INTERNAL};
}
inline constexpr Codes kReport =
    attestation_codes(TDX_ATTEST_ERROR_REPORT_FAILURE, TDX_ATTEST_ERROR_NOT_SUPPORTED,
                      TDX_ATTEST_ERROR_NOT_SUPPORTED);
inline constexpr Codes kQuote = attestation_codes(
    TDX_ATTEST_ERROR_QUOTE_FAILURE, TDX_ATTEST_ERROR_NOT_SUPPORTED, TDX_ATTEST_ERROR_NOT_SUPPORTED);
inline constexpr Codes kNetwork = attestation_codes(
    TDX_ATTEST_ERROR_NETWORK, TDX_ATTEST_ERROR_NETWORK, TDX_ATTEST_ERROR_NOT_SUPPORTED);
// What cannot be looked at does not pass.
inline constexpr Codes kVerification = attestation_codes(
    TDX_ATTEST_ERROR_VERIFICATION, TDX_ATTEST_ERROR_VERIFICATION, TDX_ATTEST_ERROR_VERIFICATION);

// Tells the reporter of `session` what a function's caller should know though nothing failed.
void tell(const Session& session, const char* function, const std::string& remark);

// Tells the reporter of `session`, and returns the code for C.
int finish(const Session& session, const char* function, const Outcome& outcome,
           const Codes& codes);

// The same for an exception that ended a function, without allocating anything. `session` is null
// where there is none yet.
int finish_without_memory(const Session* session, const char* function, const Codes& codes);
int finish_with_bug(const Session* session, const char* function, const Codes& codes);

// Runs the body of a function of the C API on the session as it is: the one place where an
// exception (there is no memory; nothing else of ours throws) becomes a code. `work` takes a const
// Session& and returns an Outcome.
template <typename Work>
int run(const char* function, const Codes& codes, const Work& work) noexcept {
  std::shared_ptr<const Session> current;
  try {
    current = session();
    return finish(*current, function, work(*current), codes);
  } catch (const std::bad_alloc&) {
    return finish_without_memory(current.get(), function, codes);
  } catch (const std::exception&) {
    return finish_with_bug(current.get(), function, codes);
  }
}

// The same for what needs tdx_security_init(): `work` takes the TD too.
template <typename Work>
int run_security(const char* function, const Codes& codes, const Work& work) noexcept {
  return run(function, codes, [&](const Session& session) -> Outcome {
    if (!session.security_td) return {codes.not_initialized, not_initialized("tdx_security_init")};
    return work(session, *session.security_td->td);
  });
}

// The same for what needs tdx_attestation_init(): `work` takes the config too.
template <typename Work>
int run_attestation(const char* function, const Codes& codes, const Work& work) noexcept {
  return run(function, codes, [&](const Session& session) -> Outcome {
    if (!session.attestation) {
      return {codes.not_initialized, not_initialized("tdx_attestation_init")};
    }
    return work(session, *session.attestation);
  });
}

// A pointer and a length of C as a view. Null stands for no bytes, and for nothing else.
Result<ByteView> view_of(const uint8_t* data, size_t size, std::string_view name);

// Report data as C gives it: up to 64 bytes, filled up with zeros.
Result<ByteArray<td::kReportDataBytes>> report_data_from(const uint8_t* data, size_t size);

// What a length says as a function begins: the size of the caller's buffer. It is then 0. 0 where
// the length is null.
size_t take_capacity(size_t* size);

// The end of such a function: zeros the buffer where `code` is a failure. Returns `code`.
int zero_unless_ok(int code, uint8_t* buffer, size_t capacity);

// The same for an output of one value. Whatever may lie over an input of its function is made zero
// here, at the end, and not at the beginning.
template <typename T>
int zero_unless_ok(int code, T* out) {
  if (code != TDX_SUCCESS && out != nullptr) *out = {};
  return code;
}

// Hands `bytes` out through a buffer of the caller's, by convention 3 of tdx_security.h.
Outcome hand_out(ByteView bytes, uint8_t* buffer, size_t capacity, size_t& size);

// Hands a copy of `bytes` out, which the caller frees with free(). Throws std::bad_alloc.
Outcome give(ByteView bytes, uint8_t** out, size_t* size);
// Such a copy alone.
uint8_t* copy_for_c(ByteView bytes);

// The time by the system's clock.
UtcTime now();

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_SESSION_H_
