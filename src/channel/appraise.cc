#include "src/channel/appraise.h"

#include <optional>
#include <string>
#include <utility>

#include "quoin/eventlog.h"
#include "quoin/quote.h"
#include "src/base/try.h"

namespace quoin::channel {
namespace {

Error refused(std::string what) {
  return {ErrorCode::refused, "the peer's evidence is refused: " + std::move(what)};
}

Error refused(const Check* reason) {
  if (reason == nullptr) return refused("no reason was given");
  return refused(std::string(reason->id) + " (seen: " + reason->seen +
                 "; wanted: " + reason->wanted + ")");
}

// The cheap questions, before anything is verified: is it a TD's, and about this connection?
Result<void> check_binding(const Quote& quote, const ByteArray<64>& report_data) {
  if (quote.td_report() == nullptr) return refused("it is not a TD's");
  if (quote.report_data() != report_data) {
    return refused("it was made for another connection, another side of it, or another question");
  }
  return {};
}

Result<std::optional<RuntimeEventLog>> parse_event_log(ByteView event_log) {
  if (event_log.empty()) return std::optional<RuntimeEventLog>();
  return std::optional(TRY(RuntimeEventLog::parse(event_log)));
}

}  // namespace

Result<void> appraise(const ByteArray<64>& report_data, const WantedEvidence& wanted, UtcTime now,
                      PeerAppraisal& appraisal) {
  const Quote quote = TRY(parse_quote(appraisal.evidence.quote));
  TRY(check_binding(quote, report_data));

  // Not before somebody genuine has signed the quote: collateral may have to be fetched, and for
  // whatever platform a stranger names.
  if (const std::optional<Verdict> refusal =
          wanted.verifier->refuse_without_collateral(quote, now)) {
    return refused(appraisal.verdict.emplace(*refusal).reason());
  }
  const Result<PreparedCollateral> collateral = wanted.collateral(quote);
  if (!collateral.ok()) {
    appraisal.undecided = true;
    return collateral.error();
  }
  const Verdict& verdict =
      appraisal.verdict.emplace(wanted.verifier->verify(quote, *collateral, now));
  if (!verdict.genuine) return refused(verdict.reason());

  // Not before the quote is genuine: reading a log costs more than a stranger is worth.
  const auto event_log = TRY(parse_event_log(appraisal.evidence.event_log));
  PolicyInput input(quote, collateral->collateral(), verdict, now);
  input.event_log = event_log ? &*event_log : nullptr;
  const Decision& decision = appraisal.decision.emplace(decide_tersely(wanted.policy, input));
  if (!decision.accepted) return refused(decision.reason());
  return {};
}

}  // namespace quoin::channel
