// Which TCB statuses nobody can want.

#ifndef QUOIN_SRC_POLICY_ACCEPTABLE_STATUS_H_
#define QUOIN_SRC_POLICY_ACCEPTABLE_STATUS_H_

#include "quoin/collateral.h"

namespace quoin {

// Whether a policy may accept that status. A policy file that names another does not load, and a
// policy that was made by hand is not listened to.
inline bool can_be_accepted(TcbStatus status) {
  return status != TcbStatus::revoked && status != TcbStatus::not_supported &&
         status != TcbStatus::unrecognized;
}

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_ACCEPTABLE_STATUS_H_
