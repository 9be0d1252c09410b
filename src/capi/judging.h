// Is a quote genuine, and does the policy that was set accept it?

#ifndef QUOIN_SRC_CAPI_JUDGING_H_
#define QUOIN_SRC_CAPI_JUDGING_H_

#include <cstdint>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/eventlog.h"
#include "quoin/policy.h"
#include "quoin/quote.h"
#include "quoin/result.h"
#include "quoin/verifier.h"
#include "quoin/verify.h"
#include "src/capi/session.h"

namespace quoin::capi {

struct Judgement {
  Verdict verdict;
  Decision decision;

  // Genuine, which a decision asks for first, and what the policy wants.
  bool accepted() const { return decision.accepted; }
  // The first check that did not pass; null when all did.
  const Check* reason() const;
};

// A copy of a caller's quote, which nobody else can change between its signatures and the policy.
// Fails with too_large, unread, over what parse_quote() reads, and as view_of() does.
Result<Bytes> copy_of_quote(const uint8_t* quote, size_t len);

// Under the session's roots and policy, now. `event_log` may be null.
Judgement judge(const Session& session, const Quote& quote, const PreparedCollateral& collateral,
                const RuntimeEventLog* event_log);

// The same with collateral_for(), which is not asked about a quote that no platform under those
// roots has signed. Fails as it does.
Result<Judgement> judge(const Session& session, const char* function, const Quote& quote,
                        const RuntimeEventLog* event_log);

// The collateral for that quote: what was set, else what tdx_attestation_init() says. Fails with
// not_found where neither was called, and as fetching does. The reporter is told, in the name of
// `function`, of the API, what it should know of what was fetched.
Result<PreparedCollateral> collateral_for(const Session& session, const char* function,
                                          const Quote& quote);
Result<Bytes> collateral_bytes_for(const Session& session, const char* function,
                                   const Quote& quote);

// The Error of a quote that is not accepted; `reason` is not null.
Error refusal(const Check& reason);

// TDX_TCB_STATUS_...
uint32_t tcb_status_code(std::optional<TcbStatus> status);

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_JUDGING_H_
