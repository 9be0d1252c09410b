// The policies of a key broker: one file each, by whose name TDs ask.

#ifndef QUOIN_SRC_SERVICE_BROKER_POLICIES_H_
#define QUOIN_SRC_SERVICE_BROKER_POLICIES_H_

#include <string>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/policy.h"
#include "quoin/result.h"

namespace quoin::broker {

// The roots that it gives are those of its id. What stands in the file may change: a new image is
// named besides the old one, and later alone, and the keys stay.
struct NamedPolicy {
  std::string id;  // is_policy_id()
  Policy policy;
  // Which text it was that decided: SHA-256 of the file. With lists of platforms, which are files
  // of their own, SHA-256 of the SHA-256 of each file: the policy's, and then each that it had
  // read.
  ByteArray<32> sha256{};
};

// Whether keys can be released by it: each of its measurement sets names MRTD and RTMR0 to RTMR2,
// there is one, and it accepts no TD with a bit of the TUD group, whose memory its host may read.
// Fails with refused.
Result<void> check_pins(const Policy& policy);

inline constexpr size_t kMaxPolicies = 1024;

// All files NAME.toml in the directory, in the order of their names, which are the ids; what else
// is there (lists of platforms, say) is read where a policy names it. Fails with refused (the
// directory or a file can be changed by others, or belongs to another user than this one and root;
// a name that is no id; check_pins()), not_found (there is no policy), too_large, permission, io,
// and as parse_policy() does.
Result<std::vector<NamedPolicy>> load_policies(const std::string& directory);

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SERVICE_BROKER_POLICIES_H_
