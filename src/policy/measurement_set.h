// The measurements that a policy can name, under the names that quotes give them.

#ifndef QUOIN_SRC_POLICY_MEASUREMENT_SET_H_
#define QUOIN_SRC_POLICY_MEASUREMENT_SET_H_

#include <string_view>

#include "quoin/policy.h"

namespace quoin {

// Calls `field(name, wanted, member)` for each measurement of a TD: the set's optional value, and
// where it stands in the report.
template <typename Set, typename Visitor>
void td_measurement_fields(Set& set, Visitor&& field) {
  field("mr_seam", set.mr_seam, &TdReport10::mr_seam);
  field("mr_td", set.mr_td, &TdReport10::mr_td);
  field("mr_config_id", set.mr_config_id, &TdReport10::mr_config_id);
  field("mr_owner", set.mr_owner, &TdReport10::mr_owner);
  field("mr_owner_config", set.mr_owner_config, &TdReport10::mr_owner_config);
  field("rtmr0", set.rtmr0, &TdReport10::rtmr0);
  field("rtmr1", set.rtmr1, &TdReport10::rtmr1);
  field("rtmr2", set.rtmr2, &TdReport10::rtmr2);
  field("rtmr3", set.rtmr3, &TdReport10::rtmr3);
}

// Whether a set names any measurement of a TD: then no enclave fits it.
inline bool names_td_measurement(const MeasurementSet& set) {
  bool named = set.runtime_events || set.refuse_guest_events;
  td_measurement_fields(
      set, [&named](std::string_view, const auto& wanted, auto) { named |= wanted.has_value(); });
  return named;
}

// Whether a set says what ran in a TD: the firmware (MRTD), its configuration (RTMR0), the kernel
// (RTMR1) and the operating system (RTMR2). Leave one out, and the host chooses it.
inline bool pins_td(const MeasurementSet& set) {
  return set.mr_td && set.rtmr0 && set.rtmr1 && set.rtmr2;
}

// Whether a set says what ran in an SGX enclave.
inline bool pins_enclave(const MeasurementSet& set) { return set.mr_enclave.has_value(); }

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_MEASUREMENT_SET_H_
