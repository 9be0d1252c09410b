// Since when a platform is out of date, as a policy counts it.

#ifndef QUOIN_SRC_POLICY_GRACE_PERIOD_H_
#define QUOIN_SRC_POLICY_GRACE_PERIOD_H_

#include <optional>

#include "quoin/policy.h"
#include "src/verify/tcb_evaluation.h"

namespace quoin {

// The last second at which `policy` still accepts a platform whose levels are `evaluation`, of
// status OutOfDate or OutOfDateConfigurationNeeded. Each of its levels that is out of date (its
// platform's, its TDX module's, its QE's) is so since the oldest level above it came out that the
// policy accepts; the longest counts. Nothing where the policy has no grace period, where it would
// not accept the platform even when it is updated, and where no level above is acceptable.
std::optional<UtcTime> end_of_grace(const Policy& policy, const TcbEvaluation& evaluation,
                                    const Collateral& collateral);

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_GRACE_PERIOD_H_
