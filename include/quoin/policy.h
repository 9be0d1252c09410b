// Do I accept it? A policy says which measurements, TCB statuses and attributes its owner wants.

#ifndef QUOIN_POLICY_H_
#define QUOIN_POLICY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/verify.h"

namespace quoin {

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
  std::optional<ByteArray<32>> mr_enclave;  // SGX quotes
};

// What its owner accepts. The default accepts no real quote: it names no measurements.
struct Policy {
  // Any one of them. Each pins what ran: MRTD and RTMR0 to RTMR2 of a TD, or MRENCLAVE.
  std::vector<MeasurementSet> measurements;
  // --insecure-any-measurement: whatever ran is accepted. Cannot be set in a policy file.
  bool any_measurement = false;
  // Never holds revoked, not_supported or unrecognized.
  std::vector<TcbStatus> tcb_statuses = {TcbStatus::up_to_date};
  uint32_t minimum_tcb_evaluation_data_number = 0;
  // Attributes of a TD. The TUD group, which has DEBUG, and reserved bits are refused always.
  bool require_sept_ve_disable = true;
  bool allow_migratable = false;
  bool allow_perfmon = false;
  bool allow_service_td = false;
  // SHA-256 of the WebAssembly modules whose receipts are accepted; empty: not looked at.
  std::vector<ByteArray<32>> modules;
  // Roots that this policy trusts besides those that the caller does.
  std::vector<TrustRoot> trust_roots;
};

// Reads a policy file in TOML and ASCII (docs/formats.md). Keys that we do not know are errors.
// Fails with malformed (with the line), or too_large (over 1 MiB, or 4096 dots).
Result<Policy> parse_policy(std::string_view text);

// The answer to a policy's question.
struct Decision {
  bool accepted = false;
  // Whether all that is missing is a policy that pins what ran.
  bool unpinned = false;
  // Each rule of the policy, in order, ids beginning with "policy_".
  std::vector<Check> checks;
};

// Whether `policy` accepts a quote of which verify_quote() gave `verdict`. A quote that is not
// genuine is never accepted. A policy without measurements accepts a simulated quote: that proves
// nothing, and its root has been trusted by name. Thread-safe.
Decision decide(const Policy& policy, const Quote& quote, const Collateral& collateral,
                const Verdict& verdict);

}  // namespace quoin

#endif  // QUOIN_POLICY_H_
