// One platform of a list, as policies and their files write it.

#ifndef QUOIN_SRC_POLICY_PLATFORM_ENTRY_H_
#define QUOIN_SRC_POLICY_PLATFORM_ENTRY_H_

#include <string_view>

#include "quoin/policy.h"

namespace quoin {

// Adds "ppid 0011...", without blanks around it. Fails with malformed, or too_large when the list
// is full.
Result<void> add_platform_entry(PlatformList& list, std::string_view entry);

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_PLATFORM_ENTRY_H_
