#include "src/cli/channel_status.h"

#include <string>
#include <utility>

#include "src/base/hex.h"
#include "src/base/text.h"
#include "src/cli/describe.h"
#include "src/cli/value.h"

namespace quoin::cli {
namespace {

// Line breaks stand between values only: in a text they are escaped.
std::string on_one_line(const Value& value) {
  std::string line;
  bool at_beginning = false;
  for (const char c : to_json(value)) {
    if (c == '\n') {
      at_beginning = true;
    } else if (c != ' ' || !at_beginning) {
      at_beginning = false;
      line += c;
    }
  }
  return line;
}

Value measurements_of(const PeerAppraisal& peer) {
  const Result<Quote> quote = parse_quote(peer.evidence.quote);
  return quote.ok() ? Value(describe_measurements(*quote)) : Value();
}

Value tcb_status_of(const Verdict& verdict) {
  return verdict.tcb_status ? Value(to_string(*verdict.tcb_status)) : Value();
}

Value status_value(const PeerAppraisal& peer, const Error* error) {
  const Verdict verdict = peer.verdict.value_or(Verdict());
  const Check* const reason = peer.reason();
  return Value::Object{
      {"accepted", error == nullptr},
      {"genuine", verdict.genuine},
      {"simulated", verdict.simulated},
      {"tcb_status", tcb_status_of(verdict)},
      {"advisories", Value::List(verdict.advisory_ids.begin(), verdict.advisory_ids.end())},
      {"valid_until", verdict.valid_until ? Value(to_string(*verdict.valid_until)) : Value()},
      {"reason", reason != nullptr ? Value(reason->id) : Value()},
      {"key_sha256", peer.key_sha256 ? Value::hex(*peer.key_sha256) : Value()},
      {"measurements", measurements_of(peer)},
      {"error", error == nullptr ? Value()
                                 : Value(Value::Object{{"code", to_string(error->code)},
                                                       {"what", error->what},
                                                       {"hint", error->hint}})},
  };
}

void print_accepted(const PeerAppraisal& peer, Output& output) {
  if (peer.verdict && peer.verdict->simulated) {
    output.warning("peer accepted: SIMULATED, which proves nothing to others");
  } else if (peer.verdict) {
    output.notice("peer accepted: a genuine TD");
  } else {
    output.notice(peer.key_sha256 ? "peer accepted by its key alone"
                                  : "peer accepted: nothing was asked of it");
  }
  if (peer.verdict && peer.verdict->tcb_status) {
    std::string tcb = "TCB " + std::string(to_string(*peer.verdict->tcb_status));
    if (!peer.verdict->advisory_ids.empty()) {
      tcb += ", advisories " + joined(peer.verdict->advisory_ids, ", ");
    }
    output.notice(tcb);
  }
  if (const Result<Quote> quote = parse_quote(peer.evidence.quote);
      quote.ok() && quote->td_report() != nullptr) {
    output.notice("MRTD " + to_hex(quote->td_report()->mr_td));
  }
  if (peer.key_sha256) output.notice("key " + to_hex(*peer.key_sha256));
}

SecurityEventId event_id(const PeerAppraisal& peer, const Error* error) {
  if (error == nullptr) return SecurityEventId::channel_peer_accepted;
  // What it is was not what kept this side from a channel.
  if (peer.refuses_us || peer.undecided) return SecurityEventId::channel_failed;
  const bool judged = peer.reason() != nullptr || error->code == ErrorCode::refused;
  return judged ? SecurityEventId::channel_peer_refused : SecurityEventId::channel_failed;
}

}  // namespace

SecurityEvent channel_event(const PeerAppraisal& peer, const Error* error, ChannelRole role,
                            UtcTime now) {
  SecurityEvent event(event_id(peer, error), now);
  event.text("role", role == ChannelRole::client ? "client" : "server");
  if (const Check* reason = error == nullptr ? nullptr : peer.reason()) {
    event.text("reason", reason->id);
  }
  if (peer.verdict) {
    event.flag("genuine", peer.verdict->genuine).flag("simulated", peer.verdict->simulated);
    if (peer.verdict->tcb_status) event.text("tcb_status", to_string(*peer.verdict->tcb_status));
  }
  if (peer.key_sha256) event.bytes("key_sha256", *peer.key_sha256);
  if (const Result<Quote> quote = parse_quote(peer.evidence.quote);
      quote.ok() && quote->td_report() != nullptr) {
    event.bytes("mrtd", quote->td_report()->mr_td);
  }
  if (error != nullptr) event.error(*error);
  return event;
}

void print_channel_status(const PeerAppraisal& peer, const Error* error, bool json,
                          Output& output) {
  if (json) {
    output.status(on_one_line(status_value(peer, error)));
  } else if (error != nullptr) {
    output.error(*error);
  } else {
    print_accepted(peer, output);
  }
}

}  // namespace quoin::cli
