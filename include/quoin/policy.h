// Do I accept it? A policy says which platforms, TCB statuses, attributes and measurements its
// owner wants.

#ifndef QUOIN_POLICY_H_
#define QUOIN_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/collateral.h"
#include "quoin/eventlog.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "quoin/verify.h"

namespace quoin {

// A runtime event that is wanted. Without a payload, any payload is.
struct WantedEvent {
  std::string name;
  std::optional<Bytes> payload;
};

// One combination of measurements that is wanted. What is named must be equal; what is not named
// is not looked at.
struct MeasurementSet {
  std::string name;
  std::optional<ByteArray<48>> mr_seam;
  std::optional<ByteArray<48>> mr_td;
  std::optional<ByteArray<48>> mr_config_id;
  std::optional<ByteArray<48>> mr_owner;
  std::optional<ByteArray<48>> mr_owner_config;
  std::optional<ByteArray<48>> rtmr0;
  std::optional<ByteArray<48>> rtmr1;
  std::optional<ByteArray<48>> rtmr2;
  std::optional<ByteArray<48>> rtmr3;
  // The events that were measured into RTMR3, in order, and no others: by a log that replays to the
  // quote's RTMR3. Events of guests count where the set names them, unless refuse_guest_events.
  std::optional<std::vector<WantedEvent>> runtime_events;
  bool refuse_guest_events = false;         // count all of them
  std::optional<ByteArray<32>> mr_enclave;  // SGX quotes
};

// Platforms, by what their PCK certificates say.
struct PlatformList {
  std::set<ByteArray<16>> ppids;
  std::set<ByteArray<16>> platform_instance_ids;
  std::set<ByteArray<6>> fmspcs;

  bool empty() const { return size() == 0; }
  size_t size() const { return ppids.size() + platform_instance_ids.size() + fmspcs.size(); }
  // Whether any entry names this platform.
  bool names(const PlatformIdentity& platform) const;
};

// Reads one platform a line: "ppid", "platform_instance_id" (32 hex digits each) or "fmspc" (12),
// a blank, and the digits. "#" begins a comment; empty lines are nothing. Fails with malformed (and
// says the line), or too_large (over 16 MiB, or 200000 entries).
Result<PlatformList> parse_platform_list(std::string_view text);

// The most that grace_period_days and maximum_collateral_age_days can be: ten years.
inline constexpr uint32_t kMaxPolicyDays = 3650;

// What its owner accepts. The default accepts no real quote: it names no measurements.
struct Policy {
  // Any one of them. Each pins what ran: MRTD and RTMR0 to RTMR2 of a TD, or MRENCLAVE.
  std::vector<MeasurementSet> measurements;
  // --insecure-any-measurement: whatever ran is accepted. Cannot be set in a policy file.
  bool any_measurement = false;

  // Revoked, NotSupported and Unrecognized are never accepted, whatever this holds.
  std::vector<TcbStatus> tcb_statuses = {TcbStatus::up_to_date};
  // With a status other than UpToDate, only these advisories; nothing: whichever.
  std::optional<std::vector<std::string>> allowed_advisories;
  // Refused whatever the status is.
  std::vector<std::string> denied_advisories;
  // An OutOfDate platform is accepted as long after a TCB level came out that the policy accepts
  // and the platform does not reach (docs/formats.md, "Grace period"). At most kMaxPolicyDays.
  uint32_t grace_period_days = 0;
  uint32_t minimum_tcb_evaluation_data_number = 0;
  // Of TCB info, QE identity and PCK CRL. The root's CRL is not meant: Intel makes one a year.
  std::optional<uint32_t> maximum_collateral_age_days;
  // Whether, where none can be fetched, what was fetched more than a day ago may be judged with
  // until its nextUpdate. For whoever fetches: decide() does not look at it.
  bool stale_collateral_on_error = false;

  // Nothing: any platform. An empty list: none.
  std::optional<PlatformList> allowed_platforms;
  // Goes before what is allowed.
  PlatformList denied_platforms;

  // Attributes of a TD. Reserved bits are refused always.
  uint8_t insecure_allowed_tud_bits = 0;  // of the TUD group, bits 0 to 7, which has DEBUG (bit 0)
  bool require_sept_ve_disable = true;
  bool allow_migratable = false;
  bool allow_perfmon = false;
  bool allow_service_td = false;

  // SHA-256 of the WebAssembly modules whose receipts are accepted; empty: not looked at.
  std::vector<ByteArray<32>> modules;
  // Roots that this policy trusts besides those that the caller does.
  std::vector<TrustRoot> trust_roots;
};

// Gives the contents of a file that a policy names, in the words of the policy.
using PolicyFileReader = std::function<Result<Bytes>(std::string_view name)>;

// Reads a policy file in TOML and ASCII (docs/formats.md). Keys that we do not know are errors.
// Lists of platforms can stand in files of their own, which `read_file` reads: without it a policy
// that names one is an error. Fails with malformed (with the line), too_large (over 1 MiB, or 4096
// dots), and as `read_file` and parse_platform_list() do.
Result<Policy> parse_policy(std::string_view text, const PolicyFileReader& read_file = {});

// What a policy judges. Borrows what it is given.
struct PolicyInput {
  // `its_verdict` is what verify_quote() or a Verifier said of this quote with this collateral at
  // the time `time`.
  PolicyInput(const Quote& judged, const Collateral& its_collateral, const Verdict& its_verdict,
              UtcTime time)
      : quote(judged), collateral(its_collateral), verdict(its_verdict), now(time) {}

  const Quote& quote;
  const Collateral& collateral;
  const Verdict& verdict;
  UtcTime now;
  // The TD's runtime events; null where nobody gave them.
  const RuntimeEventLog* event_log = nullptr;
  // Whether this is a receipt's quote, of which check_receipt() says the rest.
  bool has_receipt = false;
};

// The answer to a policy's question.
struct Decision {
  bool accepted = false;
  // Whether all that is missing is a policy that pins what ran.
  bool unpinned = false;
  // Each rule of the policy, in order, ids beginning with "policy_".
  std::vector<Check> checks;

  // The first check that did not pass; null when all did.
  const Check* reason() const;
};

// Whether `policy` accepts a quote. One that is not genuine is never accepted. A policy without
// measurements accepts a simulated quote: that proves nothing, and its root has been trusted by
// name. Thread-safe.
Decision decide(const Policy& policy, const PolicyInput& input);

// The same answer, with only the checks that did not pass. Accepting allocates nothing.
Decision decide_tersely(const Policy& policy, const PolicyInput& input);

}  // namespace quoin

#endif  // QUOIN_POLICY_H_
