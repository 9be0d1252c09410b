// The parts of a policy file, each into what it says of the policy.

#ifndef QUOIN_SRC_POLICY_POLICY_FILE_H_
#define QUOIN_SRC_POLICY_POLICY_FILE_H_

#include "quoin/policy.h"
#include "src/policy/toml_reader.h"

namespace quoin {

// "[[measurements]]".
Result<void> read_measurements(const toml::table& file, Policy& policy);
// "[tcb]".
Result<void> read_tcb(const toml::table& file, Policy& policy);
// "[platforms]".
Result<void> read_platforms(const toml::table& file, const PolicyFileReader& read_file,
                            Policy& policy);

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_POLICY_FILE_H_
