#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "quoin/broker.h"
#include "src/base/try.h"
#include "src/channel/tcp.h"
#include "src/os/deadline.h"
#include "src/seal/broker_channel.h"
#include "src/seal/broker_messages.h"

namespace quoin {
namespace {

Error makes_no_sense(std::string what, std::string hint) {
  return {ErrorCode::invalid_argument, "key broker: " + std::move(what), std::move(hint)};
}

std::string decision_name(const broker::Reply& reply) {
  return reply.decision == 0 ? "" : " (its decision " + std::to_string(reply.decision) + ")";
}

Error refusal(const broker::Reply& reply, const broker::Request& request) {
  const std::string name = "the key broker's policy \"" + request.policy_id + "\"";
  const std::string decision = decision_name(reply);
  switch (reply.answer) {
    case broker::Answer::no_such_epoch:
      return {ErrorCode::not_found,
              name + " has no epoch " + std::to_string(request.epoch.value_or(0)) +
                  ", or no longer gives it" + decision,
              "what was sealed under a retired epoch does not open any more"};
    case broker::Answer::epoch_is_too_low:
      return {ErrorCode::refused,
              name + " is at a lower epoch than " + std::to_string(request.minimum_epoch) +
                  ", which this TD has seen" + decision,
              "somebody has put back an old database of the broker"};
    case broker::Answer::too_many_questions:
      return {ErrorCode::timed_out, "the key broker has been asked too often" + decision,
              "ask again in a minute"};
    case broker::Answer::failed:
      return {ErrorCode::io, "the key broker cannot decide" + decision,
              "the broker's own log says why"};
    case broker::Answer::granted:
    case broker::Answer::refused:
      break;
  }
  return {ErrorCode::refused, name + " does not accept this TD" + decision,
          "the broker's own log says which check did not pass"};
}

// For one root. An answer that has passed by the time that it comes is asked for once more.
constexpr int kMostQuestions = 2;

class BrokerClient final : public RootSecretProvider {
 public:
  BrokerClient(BrokerOptions options, channel::TcpAddress address)
      : options_(std::move(options)), address_(std::move(address)) {
    channel_.peer_evidence = options_.evidence;
    channel_.peer_key_sha256 = options_.key_sha256;
    channel_.attester = options_.attester;
  }

  Result<RootSecret> root_secret(const RootRequest& wanted) override {
    if (!is_policy_id(wanted.policy_id)) return makes_no_sense("no policy can be called so", "");
    if (wanted.epoch == uint64_t{0}) {
      return Error{ErrorCode::not_found, "key broker: no policy has an epoch 0: they begin at 1"};
    }
    const Deadline deadline = deadline_after(options_.timeout);
    for (int question = 0; question < kMostQuestions; ++question) {
      Answered answered = TRY(ask({.policy_id = wanted.policy_id,
                                   .epoch = wanted.epoch,
                                   .minimum_epoch = minimum_epoch(wanted.policy_id)},
                                  deadline));
      if (!remember(wanted.policy_id, answered.current_epoch)) continue;
      return std::move(answered.root);
    }
    return Error{ErrorCode::timed_out,
                 "key broker: policy \"" + wanted.policy_id +
                     "\" was given a new epoch each time while it answered",
                 "ask again"};
  }

 private:
  struct Answered {
    RootSecret root;
    uint64_t current_epoch = 0;
  };

  // What somebody said who has that key.
  struct Said {
    broker::Reply reply;
    ByteArray<32> key_sha256{};
  };

  // One question, in a connection of its own.
  Result<Answered> ask(const broker::Request& request, Deadline deadline) {
    Result<Said> said = hear(request, deadline);
    if (!said.ok()) return no_answer(std::move(said).error());
    broker::Reply& reply = said->reply;
    if (!reply.grant) return refusal(reply, request);
    TRY(check(*reply.grant, request));
    RootSecret root;
    root.secret = std::move(reply.grant->secret);
    root.source = RootSource::broker;
    root.source_identity = Bytes(said->key_sha256.begin(), said->key_sha256.end());
    root.policy_id = request.policy_id;
    root.epoch = reply.grant->epoch;
    return Answered{.root = std::move(root), .current_epoch = reply.grant->current_epoch};
  }

  Result<Said> hear(const broker::Request& request, Deadline deadline) const {
    AttestedChannel channel = TRY(connect(deadline));
    TRY(channel.write(broker::write_request(request), remaining(deadline)));
    const SecretBytes answer = TRY(broker::read_message(channel, broker::kMaxReplyBytes, deadline));
    // The channel has seen that the broker has this key.
    return Said{.reply = TRY(broker::parse_reply(answer.view())),
                .key_sha256 = *channel.peer().key_sha256};
  }

  Result<AttestedChannel> connect(Deadline deadline) const {
    channel::Socket socket =
        TRY(channel::tcp_connect(address_, channel::Deadline::in(remaining(deadline))));
    ChannelOptions options = channel_;
    options.handshake_timeout = remaining(deadline);
    Result<AttestedChannel> channel =
        AttestedChannel::connect(socket.release(), options, options_.clock());
    if (channel.ok()) return channel;
    Error error = std::move(channel).error();
    error.what = "key broker at " + to_string(address_) + ": " + error.what;
    return error;
  }

  // No code of a broker that could not be asked, or of an answer that is none, says anything of
  // epochs (not_found is an answer), or of the data that the root was wanted for (malformed).
  static Error no_answer(Error error) {
    switch (error.code) {
      case ErrorCode::refused:
      case ErrorCode::timed_out:
      case ErrorCode::invalid_argument:
      case ErrorCode::internal:
        break;
      default:
        if (error.code == ErrorCode::truncated && error.hint.empty()) {
          error.hint = "its own log may say why: it cannot decide, or has no time";
        }
        error.code = ErrorCode::io;
    }
    if (!error.what.starts_with("key broker")) error.what = "key broker: " + error.what;
    return error;
  }

  uint64_t minimum_epoch(const std::string& policy_id) {
    const std::scoped_lock lock(mutex_);
    const auto seen = highest_epochs_.find(policy_id);
    return std::max(options_.minimum_epoch, seen == highest_epochs_.end() ? 0 : seen->second);
  }

  // Whether the broker has granted what was asked for. It was to look at the minimum itself; that
  // it did is not taken on trust. What other threads have been told since is no part of the
  // question: a broker that answers two at once may be rotated between them.
  static Result<void> check(const broker::Grant& grant, const broker::Request& request) {
    if (grant.epoch != request.epoch.value_or(grant.current_epoch)) {
      return Error{ErrorCode::refused, "key broker: it gave the root of another epoch"};
    }
    if (grant.current_epoch < request.minimum_epoch) {
      return Error{ErrorCode::refused,
                   "key broker: policy \"" + request.policy_id + "\" is at epoch " +
                       std::to_string(grant.current_epoch) + ", and was at a higher one",
                   "somebody has put back an old database of the broker"};
    }
    return {};
  }

  // Takes note of an answer. False where another thread has been told of a higher epoch since the
  // question was asked: what it says has passed.
  bool remember(const std::string& policy_id, uint64_t current_epoch) {
    const std::scoped_lock lock(mutex_);
    uint64_t& highest = highest_epochs_[policy_id];
    if (current_epoch < highest) return false;
    highest = current_epoch;
    return true;
  }

  BrokerOptions options_;
  channel::TcpAddress address_;
  ChannelOptions channel_;
  std::mutex mutex_;
  std::map<std::string, uint64_t> highest_epochs_;
};

}  // namespace

Result<std::unique_ptr<RootSecretProvider>> broker_root_secrets(BrokerOptions options) {
  channel::TcpAddress address = TRY(channel::parse_tcp_address(options.address));
  if (!options.key_sha256 && !options.evidence) {
    return makes_no_sense("nothing says which broker is the right one",
                          "whoever answered could choose this TD's keys");
  }
  if (!options.attester) return makes_no_sense("there is no TD to give evidence of", "");
  if (!options.clock) return makes_no_sense("there is no clock", "");
  return std::unique_ptr<RootSecretProvider>(
      std::make_unique<BrokerClient>(std::move(options), std::move(address)));
}

}  // namespace quoin
