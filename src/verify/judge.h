// The rules of verification, one after the other, over what has been read and which signatures
// hold.

#ifndef QUOIN_SRC_VERIFY_JUDGE_H_
#define QUOIN_SRC_VERIFY_JUDGE_H_

#include <span>

#include "quoin/quote.h"
#include "quoin/verify.h"
#include "src/collateral/parts.h"
#include "src/verify/check_list.h"
#include "src/verify/collateral_signatures.h"
#include "src/verify/quoted_platform.h"

namespace quoin {

// What a verdict is about, and by what it is judged.
struct Question {
  const Quote& quote;
  const Collateral::Parts& collateral;
  const CollateralSignatures& collateral_signatures;
  UtcTime now{};
  std::span<const TrustRoot> trust_roots;
};

// The verdict over a quote of `platform`. Every rule is looked at every time, but for the
// signatures that are known: whatever depends on time, trust or collateral is never remembered.
// Where nothing is refused, `detail` asks for refusals only, and the status is UpToDate without
// advisories, nothing of ours allocates. Thread-safe.
Verdict judge(const Question& question, const QuotedPlatform& platform, Detail detail);

// The refusals over a quote of `platform` that no collateral could lift: of its certificates, its
// QE report and its signature. `genuine` is false in any case. Thread-safe.
Verdict judge_without_collateral(const Quote& quote, const QuotedPlatform& platform, UtcTime now,
                                 std::span<const TrustRoot> trust_roots);

// The verdict over a quote whose platform read_quoted_platform() could not read, and why.
Verdict refuse_certification_data(const Error& error, Detail detail);

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_JUDGE_H_
