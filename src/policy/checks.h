// The rules of a policy, one function each, in three groups. Each records how its rule went and
// says whether it passed.

#ifndef QUOIN_SRC_POLICY_CHECKS_H_
#define QUOIN_SRC_POLICY_CHECKS_H_

#include "quoin/policy.h"
#include "src/verify/check_list.h"

namespace quoin {

// The platform: its TCB, the collateral's age, its name. Whether all passed.
bool check_platform(CheckList& checks, const Policy& policy, const PolicyInput& input);

// What the TD's or the enclave's attributes let its host do. Whether all passed.
bool check_attributes(CheckList& checks, const Policy& policy, const PolicyInput& input);

// The event log that was given, if one was: whether it is this TD's.
bool check_event_log(CheckList& checks, const PolicyInput& input);

// What ran. Where the policy names no measurements, a simulated quote passes.
bool check_measurements(CheckList& checks, const Policy& policy, const PolicyInput& input);

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_CHECKS_H_
