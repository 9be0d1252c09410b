// A policy that loads pins what ran in each of its measurement sets, and accepts no revoked
// platform.

#include <algorithm>
#include <cstdlib>

#include "quoin/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto policy = quoin::parse_policy(quoin::as_text({data, size}));
  if (!policy.ok()) return 0;
  for (const auto& set : policy->measurements) {
    const bool pins_td = set.mr_td && set.rtmr0 && set.rtmr1 && set.rtmr2;
    if (!pins_td && !set.mr_enclave) std::abort();
  }
  if (policy->any_measurement) std::abort();
  if (std::ranges::count(policy->tcb_statuses, quoin::TcbStatus::revoked) != 0) std::abort();
  return 0;
}
