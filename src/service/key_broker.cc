#include "src/service/key_broker.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "quoin/eventlog.h"
#include "quoin/quote.h"
#include "src/base/security_event.h"
#include "src/base/try.h"
#include "src/os/deadline.h"
#include "src/seal/broker_channel.h"
#include "src/seal/broker_messages.h"
#include "src/service/rate_limiter.h"

namespace quoin::broker {
namespace {

// A policy with a Verifier of its own: what one policy trusts is not trusted for another.
struct ServedPolicy {
  NamedPolicy named;
  std::unique_ptr<Verifier> verifier;
};

// Accepts whatever is genuine. It opens the channel, and decides nothing else: which policy is to
// decide stands in the question, which the channel carries.
Policy any_genuine_td() {
  Policy policy;
  policy.any_measurement = true;
  policy.tcb_statuses = {
      TcbStatus::up_to_date,           TcbStatus::sw_hardening_needed,
      TcbStatus::configuration_needed, TcbStatus::configuration_and_sw_hardening_needed,
      TcbStatus::out_of_date,          TcbStatus::out_of_date_configuration_needed,
      TcbStatus::td_relaunch_advised,  TcbStatus::td_relaunch_advised_configuration_needed};
  policy.insecure_allowed_tud_bits = 0xff;
  policy.require_sept_ve_disable = false;
  policy.allow_migratable = true;
  policy.allow_perfmon = true;
  policy.allow_service_td = true;
  return policy;
}

// One question, and what was found out about who asks.
struct Question {
  std::string_view peer;
  UtcTime now{};
  PeerAppraisal appraisal;
  std::optional<PreparedCollateral> collateral;
  Request request;
};

// What the policy that was asked for says.
struct Judgement {
  // Empty where it accepts.
  std::string reason;
  const ServedPolicy* policy = nullptr;
};

std::string reason_of(const Check* check) {
  return check == nullptr ? "broker_no_reason" : std::string(check->id);
}

Result<Judgement> judge(const ServedPolicy& policy, const Question& question) {
  Judgement judgement = {.reason = {}, .policy = &policy};
  // The channel has read and verified the same bytes, under the roots of all policies.
  const Quote quote = TRY(parse_quote(question.appraisal.evidence.quote));
  const Verdict verdict = policy.verifier->verify(quote, *question.collateral, question.now);
  std::optional<RuntimeEventLog> event_log;
  if (!question.appraisal.evidence.event_log.empty()) {
    event_log = TRY(RuntimeEventLog::parse(question.appraisal.evidence.event_log));
  }
  PolicyInput input(quote, question.collateral->collateral(), verdict, question.now);
  input.event_log = event_log ? &*event_log : nullptr;
  const Decision decision = decide_tersely(policy.named.policy, input);
  if (!decision.accepted) {
    judgement.reason = reason_of(verdict.genuine ? decision.reason() : verdict.reason());
  }
  return judgement;
}

// The epoch that is given, or the reason why there is none, and how the TD is told.
struct EpochChoice {
  uint64_t epoch = 0;
  std::string_view reason = {};
  Answer answer = Answer::granted;
};

EpochChoice choose_epoch(const Request& request, const Epochs& epochs) {
  if (epochs.current < request.minimum_epoch) {
    return {.reason = kReasonEpochTooLow, .answer = Answer::epoch_is_too_low};
  }
  const uint64_t epoch = request.epoch.value_or(epochs.current);
  if (epoch > epochs.current) {
    return {.reason = kReasonEpochUnknown, .answer = Answer::no_such_epoch};
  }
  if (epoch < epochs.oldest) {
    return {.reason = kReasonEpochRetired, .answer = Answer::no_such_epoch};
  }
  return {.epoch = epoch};
}

void describe(const PeerAppraisal& appraisal, SecurityEvent& event) {
  if (appraisal.verdict) {
    const Verdict& verdict = *appraisal.verdict;
    event.flag("simulated", verdict.simulated);
    if (verdict.tcb_status) event.text("tcb_status", to_string(*verdict.tcb_status));
    if (verdict.platform) {
      event.bytes("ppid", verdict.platform->ppid).bytes("fmspc", verdict.platform->fmspc);
    }
  }
  const Result<Quote> quote = parse_quote(appraisal.evidence.quote);
  if (quote.ok() && quote->td_report() != nullptr) {
    const auto& report = *quote->td_report();
    event.bytes("mrtd", report.mr_td).bytes("mr_config_id", report.mr_config_id);
    event.bytes("rtmr0", report.rtmr0).bytes("rtmr1", report.rtmr1);
    event.bytes("rtmr2", report.rtmr2).bytes("rtmr3", report.rtmr3);
  }
}

// Why the channel did not open: the check that did not pass, or ours where there was none.
std::string reason_of(const PeerAppraisal& appraisal) {
  const Check* const reason = appraisal.reason();
  return reason == nullptr ? std::string(kReasonChannel) : std::string(reason->id);
}

Result<Request> read_request(AttestedChannel& channel, Deadline deadline) {
  const SecretBytes message = TRY(read_message(channel, kMaxRequestBytes, deadline));
  return parse_request(message.view());
}

std::string platform_name(const PlatformIdentity& platform) {
  std::string name;
  name += as_text(platform.ppid);
  name += as_text(platform.fmspc);
  if (platform.platform_instance_id) name += as_text(*platform.platform_instance_id);
  return name;
}

Error refused(std::string what, std::string hint) {
  return {ErrorCode::refused, std::move(what), std::move(hint)};
}

Result<void> check_roots(StateKind kind, std::span<const TrustRoot> roots) {
  const bool simulated = kind == StateKind::simulated;
  const bool fit = std::ranges::all_of(
      roots, [&](const TrustRoot& root) { return root.is_simulator() == simulated; });
  if (fit) return {};
  if (simulated) {
    return refused("the broker's keys are for simulated TDs, and another root is trusted",
                   "simulated TDs and others never share a key");
  }
  return refused("the broker's keys are for production, and a simulator is trusted",
                 "quoin broker init --trust-simulator makes keys for simulated TDs");
}

}  // namespace

struct KeyBroker::State {
  State(BrokerKeys broker_keys, Store broker_store, BrokerSettings broker_settings)
      : keys(std::move(broker_keys)),
        store(std::move(broker_store)),
        settings(std::move(broker_settings)),
        platforms(settings.per_platform_and_minute),
        quotes(settings.quotes_per_address_and_minute) {}

  BrokerKeys keys;
  Store store;
  BrokerSettings settings;
  service::RateLimiter platforms;
  service::RateLimiter quotes;
  std::vector<ServedPolicy> policies;
  // Under the roots of all policies: opens channels.
  std::unique_ptr<Verifier> verifier;
  std::mutex log_mutex;

  Result<void> log(const std::string& line) {
    const std::scoped_lock lock(log_mutex);
    return settings.log(line);
  }
  // Of what gives nothing away, so that it need not be on record.
  void log(const SecurityEvent& event) { static_cast<void>(log(event.line()).ok()); }

  const ServedPolicy* find(std::string_view id) const {
    const auto found = std::ranges::find(
        policies, id,
        [](const ServedPolicy& policy) -> std::string_view { return policy.named.id; });
    return found == policies.end() ? nullptr : &*found;
  }

  // What the question's evidence comes to, before epochs.
  Result<Judgement> judge_question(const Question& question) const {
    const ServedPolicy* const policy = find(question.request.policy_id);
    if (policy == nullptr) return Judgement{.reason = std::string(kReasonPolicyUnknown)};
    return judge(*policy, question);
  }

  Reply answer(const Question& question);
};

// The decision is made, numbered and kept in one transaction, and then acted upon.
Reply KeyBroker::State::answer(const Question& question) {
  const Request& request = question.request;
  const auto event = [&](SecurityEventId id) {
    SecurityEvent made(id, question.now);
    made.text("peer", question.peer).text("policy", request.policy_id);
    return made;
  };
  const auto fail = [&](const Error& error) {
    log(event(SecurityEventId::broker_failed).error(error));
    return Reply{.answer = Answer::failed, .decision = 0, .grant = {}};
  };
  if (!question.appraisal.verdict->platform ||
      !platforms.allow(platform_name(*question.appraisal.verdict->platform),
                       service::RateLimiter::Clock::now())) {
    SecurityEvent limited = event(SecurityEventId::broker_rate_limited);
    limited.text("reason", kReasonPlatformRate);
    describe(question.appraisal, limited);
    log(limited);
    return {.answer = Answer::too_many_questions, .decision = 0, .grant = {}};
  }
  const Result<Judgement> judged = judge_question(question);
  if (!judged.ok()) return fail(judged.error());

  Reply reply;
  EpochChoice chosen;
  std::string line;
  const Result<void> recorded =
      store.record(request.policy_id, [&](uint64_t number, const std::optional<Epochs>& epochs) {
        reply.decision = number;
        chosen = {.reason = judged->reason, .answer = Answer::refused};
        if (judged->reason.empty() && !epochs) chosen.reason = kReasonPolicyUnknown;
        if (chosen.reason.empty()) chosen = choose_epoch(request, *epochs);
        const bool granted = chosen.reason.empty();
        SecurityEvent decided = event(granted ? SecurityEventId::broker_root_released
                                              : SecurityEventId::broker_root_refused);
        decided.number("decision", number);
        if (!granted) decided.text("reason", chosen.reason);
        if (judged->policy != nullptr) {
          decided.bytes("policy_sha256", judged->policy->named.sha256);
        }
        if (request.epoch) decided.number("epoch_wanted", *request.epoch);
        if (granted) decided.number("epoch", chosen.epoch);
        if (epochs) decided.number("epoch_current", epochs->current);
        describe(question.appraisal, decided);
        line = decided.line();
        if (granted) {
          reply.grant.emplace();
          reply.grant->epoch = chosen.epoch;
          reply.grant->current_epoch = epochs->current;
        }
        return DecisionRecord{.outcome = granted ? Outcome::released : Outcome::refused,
                              .line = line};
      });
  if (!recorded.ok()) return fail(recorded.error());
  const Result<void> logged = log(line);
  reply.answer = chosen.answer;
  if (!reply.grant) return reply;
  if (!logged.ok()) return fail(logged.error());
  Result<Secret<32>> root = keys.root.policy_root(request.policy_id, chosen.epoch);
  if (!root.ok()) return fail(root.error());
  reply.grant->secret = std::move(root).value();
  return reply;
}

KeyBroker::KeyBroker(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyBroker::KeyBroker(KeyBroker&&) noexcept = default;
KeyBroker& KeyBroker::operator=(KeyBroker&&) noexcept = default;
KeyBroker::~KeyBroker() = default;

Result<KeyBroker> KeyBroker::make(BrokerKeys keys, Store store, BrokerSettings settings) {
  auto state = std::make_unique<State>(std::move(keys), std::move(store), std::move(settings));
  const StateKind kind = state->keys.root.kind();
  std::vector<TrustRoot> all = state->settings.trust_roots;
  std::vector<std::string> ids;
  for (NamedPolicy& named : state->settings.policies) {
    TRY(check_pins(named.policy));
    std::vector<TrustRoot> roots = state->settings.trust_roots;
    roots.insert(roots.end(), named.policy.trust_roots.begin(), named.policy.trust_roots.end());
    all.insert(all.end(), named.policy.trust_roots.begin(), named.policy.trust_roots.end());
    ids.push_back(named.id);
    state->policies.push_back(
        {.named = std::move(named), .verifier = std::make_unique<Verifier>(std::move(roots))});
  }
  TRY(check_roots(kind, all));
  state->settings.policies.clear();
  state->verifier = std::make_unique<Verifier>(std::move(all));
  TRY(state->store.add_policies(ids));
  return KeyBroker(std::move(state));
}

void KeyBroker::serve(int socket, const PeerAddress& peer) {
  Question question;
  question.peer = peer.text;
  question.now = state_->settings.clock();
  WantedEvidence wanted;
  wanted.verifier = state_->verifier.get();
  wanted.policy = any_genuine_td();
  wanted.collateral = [&](const Quote& quote) {
    Result<PreparedCollateral> found = state_->settings.collateral(quote);
    if (found.ok()) question.collateral = *found;
    return found;
  };
  ChannelOptions options;
  options.peer_evidence = std::move(wanted);
  std::string_view limit;
  if (state_->settings.attester) {
    options.attester = [&](const ByteArray<64>& report_data) -> Result<TdEvidence> {
      if (!state_->quotes.allow(peer.group, service::RateLimiter::Clock::now())) {
        limit = kReasonQuoteRate;
        return Error{ErrorCode::refused, "key broker: asked for evidence too often"};
      }
      return state_->settings.attester(report_data);
    };
  }
  options.key = state_->keys.channel;
  options.handshake_timeout = state_->settings.handshake_timeout;

  Result<AttestedChannel> channel =
      AttestedChannel::accept(socket, options, question.now, &question.appraisal);
  const auto refuse = [&](std::string_view reason, const Error& error) {
    SecurityEvent event(SecurityEventId::broker_root_refused, question.now);
    event.text("peer", peer.text).text("reason", reason);
    describe(question.appraisal, event);
    state_->log(event.error(error));
  };
  if (!channel.ok()) {
    return refuse(limit.empty() ? reason_of(question.appraisal) : std::string(limit),
                  channel.error());
  }
  const std::chrono::milliseconds patience = state_->settings.message_timeout;
  Result<Request> request = read_request(*channel, deadline_after(patience));
  if (!request.ok()) return refuse(kReasonRequest, request.error());
  question.request = std::move(request).value();

  const SecretBytes reply = write_reply(state_->answer(question));
  // That it did not arrive is for the TD to notice: the decision stands.
  const Result<void> written = channel->write(reply.view(), patience);
  if (written.ok()) static_cast<void>(channel->finish(patience).ok());
}

void KeyBroker::log_turned_away(std::string_view peer, std::string_view reason, uint64_t count) {
  SecurityEvent event(SecurityEventId::broker_rate_limited, state_->settings.clock());
  state_->log(event.text("peer", peer).text("reason", reason).number("count", count));
}

}  // namespace quoin::broker
