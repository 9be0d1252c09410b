// From what was seen to what it means. Pure: the same observations give the same findings.

#ifndef QUOIN_SRC_DOCTOR_JUDGE_H_
#define QUOIN_SRC_DOCTOR_JUDGE_H_

#include <vector>

#include "src/doctor/finding.h"
#include "src/doctor/observations.h"

namespace quoin::doctor {

// A finding for each thing that was looked at, the most fundamental first: where one is the cause
// of another it stands before it, and the other is then `unknown` if it could not be looked at.
// docs/doctor.md lists the ids.
std::vector<Finding> judge(const Observations& seen);

// Its halves: what this machine is, and whether it is genuine and up to date. `quote` is the one to
// judge by; empty where there is none.
std::vector<Finding> judge_td(const Observations& seen);
std::vector<Finding> judge_collateral(const Observations& seen, ByteView quote);

// The clock, by whatever is dated.
Finding judge_clock(const Observations& seen);

// The quote that one of the ways gave; empty where none did.
ByteView quote_of(const TdObservations& td);

}  // namespace quoin::doctor

#endif  // QUOIN_SRC_DOCTOR_JUDGE_H_
