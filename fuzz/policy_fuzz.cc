// A policy that loads pins what ran in each of its measurement sets, names RTMR3 once, accepts no
// revoked platform and has no list that allows nothing; lists come from a file that it may name.

#include <algorithm>
#include <cstdlib>

#include "quoin/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read_file = [](std::string_view name) -> quoin::Result<quoin::Bytes> {
    const quoin::ByteView text = quoin::as_bytes(name);
    return quoin::Bytes(text.begin(), text.end());
  };
  const auto policy = quoin::parse_policy(quoin::as_text({data, size}), read_file);
  if (!policy.ok()) return 0;
  for (const auto& set : policy->measurements) {
    const bool pins_td = set.mr_td && set.rtmr0 && set.rtmr1 && set.rtmr2;
    if (!pins_td && !set.mr_enclave) std::abort();
    if (set.rtmr3 && set.runtime_events) std::abort();
  }
  if (policy->any_measurement) std::abort();
  if (policy->allowed_platforms && policy->allowed_platforms->empty()) std::abort();
  if (policy->grace_period_days > quoin::kMaxPolicyDays) std::abort();
  if (std::ranges::count(policy->tcb_statuses, quoin::TcbStatus::revoked) != 0) std::abort();
  return 0;
}
