// What `quoin verify` found, in one value that text and JSON print.

#ifndef QUOIN_SRC_CLI_VERIFICATION_H_
#define QUOIN_SRC_CLI_VERIFICATION_H_

#include <optional>
#include <span>
#include <vector>

#include "quoin/collateral.h"
#include "quoin/eventlog.h"
#include "quoin/policy.h"
#include "quoin/receipt.h"
#include "quoin/time.h"
#include "quoin/verify.h"
#include "src/cli/evidence.h"

namespace quoin::cli {

// What the user asks for.
struct VerificationRequest {
  Policy policy;
  std::vector<TrustRoot> trust_roots;  // the policy's are added
  // The TD's runtime events, where they were given.
  std::optional<RuntimeEventLog> event_log;
  std::optional<Bytes> nonce;
  std::optional<ByteArray<32>> module_sha256;
  // What a quote must carry that is no receipt's.
  std::optional<ByteArray<64>> report_data;
  UtcTime at{};
  bool at_is_claimed = false;  // --at: not what the clock says
};

struct Verification {
  // Whether the quote is genuine and, in a receipt, vouches for the statement.
  bool genuine = false;
  // Whether it is genuine and everything that the request wants holds.
  bool accepted = false;
  // Whether the evidence comes from a simulator, or says so of itself.
  bool simulated = false;
  // Whether all that is missing is a policy that pins what ran.
  bool unpinned = false;
  Verdict verdict;
  // Every check: of the quote, of the policy, of the receipt, in this order.
  std::vector<Check> checks;
  UtcTime at{};
  bool at_is_claimed = false;

  // The first check that did not pass; null when all did.
  const Check* reason() const;
  int exit_status() const;
};

// Whether the evidence is genuine, and what the request wants.
Verification verify_evidence(const Evidence& evidence, const Collateral& collateral,
                             const VerificationRequest& request);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_VERIFICATION_H_
