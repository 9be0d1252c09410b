#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/hex.h"
#include "src/base/security_event.h"
#include "src/base/try.h"
#include "src/cli/arguments.h"
#include "src/cli/broker_output.h"
#include "src/cli/channel_setup.h"
#include "src/cli/commands.h"
#include "src/cli/evidence.h"
#include "src/cli/exit_status.h"
#include "src/cli/fetch.h"
#include "src/cli/named_files.h"
#include "src/cli/options.h"
#include "src/cli/sim_common.h"
#include "src/cli/stop_signal.h"
#include "src/cli/system.h"
#include "src/cli/value.h"
#include "src/os/deadline.h"
#include "src/os/file_lock.h"
#include "src/os/io.h"
#include "src/pcs/serves.h"
#include "src/service/broker_server.h"
#include "src/service/key_broker.h"
#include "src/service/shared_collateral.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Gives root secrets to TDs: to each TD that a policy accepts, the root of that policy, from "
    "which\n"
    "quoin seal, unseal and derive-key make its keys. A TD connects over attested TLS and asks by "
    "the\n"
    "policy's name; its quote is made for that connection. The policy app is the file app.toml in "
    "the\n"
    "directory of --policy, and must name MRTD and RTMR0 to RTMR2. Its root belongs to the name: "
    "the\n"
    "file may change, so that a policy that names an old and a new image carries the keys over.\n"
    "\n"
    "Each decision is a line of JSON on standard output, and in the state's database before a root "
    "goes\n"
    "out: docs/key-broker.md says what stands there. Policies and a collateral file are read once. "
    "SIGTERM\n"
    "ends it when the connections that there are have been answered.\n"
    "\n"
    "A state that was made with --trust-simulator serves simulated TDs and no others.";

constexpr std::array kExamples = {
    Example{"make the keys, once; what is printed goes into the TD's image",
            "quoin broker init --state /var/lib/quoin-broker > broker.spki"},
    Example{"serve",
            "quoin broker --state /var/lib/quoin-broker --policy /etc/quoin/policies "
            "--collateral collateral.json --listen 0.0.0.0:4434"},
    Example{"try it on this machine",
            "quoin broker init --trust-simulator --state broker > broker.spki\n"
            "quoin broker --trust-simulator --state broker --policy policies --listen 4434 &\n"
            "quoin derive-key --simulate --broker 127.0.0.1:4434 --broker-spki broker.spki "
            "--policy-id app --label disk --hex"},
};

constexpr Option kStateOption = {"--state", "DIR", "the broker's keys and database"};
constexpr std::array kOptions = {
    kStateOption,
    Option{"--policy", "DIR", "the policies, one NAME.toml each"},
    Option{"--listen", "[ADDRESS:]PORT", "127.0.0.1 where no address is given; port 0 is any"},
    Option{"--collateral", "FILE",
           "verify TDs with this collateral (a JSON bundle); else it is fetched"},
    kPccsOption,
    kPccsCaOption,
    kUpdateOption,
    kNoCacheOption,
    kQcnlConfigOption,
    kOfflineOption,
    kTrustRootOption,
    Option{"--trust-simulator", "", "trust the root of this machine's simulator, and no other"},
    Option{"--attest", "", "give evidence of this TD to TDs that want it (--broker-policy)"},
    kTdRootOption,
    kViaOption,
    kQgsOption,
    kLogOption,
    Option{"--simulate", "", "give evidence of a simulated TD to TDs that want it"},
    Option{"--td", "NAME", "the simulated TD that is meant: quoin sim td list (default)"},
    Option{"--connections", "N", "serve so many at once (32), a quarter from one address"},
    Option{"--address-rate", "N", "so many connections a minute from one address (600; 0: any)"},
    Option{"--platform-rate", "N", "so many questions a minute of one platform (120; 0: any)"},
    Option{"--quote-rate", "N", "attest itself so often a minute to one address (30; 0: any)"},
};

constexpr std::array kBrokerExits = {
    ExitMeaning{kExitOk, "done; serving: a signal ended it"},
    ExitMeaning{kExitRefused, "the state, a policy or the address cannot be used"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file that it names cannot be read"},
    ExitMeaning{kExitMalformed, "a policy, collateral, a key or the database is malformed"},
};

int finish_broker(const Result<void>& result, Output& output) {
  if (result.ok()) return kExitOk;
  output.error(result.error());
  switch (result.error().code) {
    case ErrorCode::invalid_argument:
      return kExitUsage;
    case ErrorCode::malformed:
    case ErrorCode::truncated:
    case ErrorCode::trailing_bytes:
    case ErrorCode::too_large:
    case ErrorCode::unsupported:
      return kExitMalformed;
    default:
      return kExitRefused;
  }
}

Result<std::string> state_path(const Arguments& arguments) {
  const auto path = arguments.get("--state");
  if (path) return std::string(*path);
  return usage_error("needs --state", "the directory that quoin broker init makes");
}

Result<broker::Store> open_store(const std::string& path, const broker::BrokerKeys& keys) {
  TRY(broker::check_database_file(path));
  const ByteArray<16> id = TRY(keys.root.id());
  return broker::Store::open(path + "/" + std::string(broker::kDatabaseName), id);
}

// What is kept of one source for all connections. A quote that names a simulator is answered by
// rules of its own, so it shares nothing with others: a stranger's must not make a failure stand
// for a platform that there is.
CollateralSource share(const CollateralSource& source, Verifier& verifier,
                       std::chrono::milliseconds patience) {
  const broker::SharedCollateralSettings settings = {
      .patience = patience,
      .serves =
          [&verifier](const Quote& quote, const PreparedCollateral& collateral) {
            return pcs::serves(verifier, quote, collateral, now());
          },
      .date = now};
  const auto real = std::make_shared<broker::SharedCollateral>(source, settings);
  const auto simulated = std::make_shared<broker::SharedCollateral>(source, settings);
  return [real, simulated](const Quote& quote) {
    return (names_simulator(quote) ? simulated : real)->get(quote);
  };
}

Result<std::vector<TrustRoot>> read_roots(const Arguments& arguments, Inputs& inputs) {
  std::vector<TrustRoot> roots = TRY(read_trust_roots(arguments, inputs));
  // Alone it stands for the simulator's and nobody else's: real TDs and simulated ones share no
  // key.
  if (arguments.has("--trust-simulator") && !arguments.has("--trust-root")) {
    std::erase_if(roots, [](const TrustRoot& root) { return !root.is_simulator(); });
  }
  return roots;
}

// How often something may be done a minute; 0 is any number of times.
Result<void> read_rate(const Arguments& arguments, std::string_view option, uint32_t& rate) {
  constexpr uint64_t kHighestRate = 1'000'000;
  if (const auto text = arguments.get(option)) {
    rate = static_cast<uint32_t>(TRY(parse_number(option, *text, 0, kHighestRate)));
  }
  return {};
}

Result<broker::ServerLimits> read_limits(const Arguments& arguments) {
  broker::ServerLimits limits;
  if (const auto text = arguments.get("--connections")) {
    limits.connections = static_cast<unsigned>(
        TRY(parse_number("--connections", *text, 1, broker::kMaxConnections)));
    limits.connections_per_address = std::max(1U, limits.connections / 4);
  }
  TRY(read_rate(arguments, "--address-rate", limits.per_address_and_minute));
  return limits;
}

// Neither a core dump nor another process of this user's is to have the keys.
void keep_memory_private() {
  const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// What one policy's TD is judged with, those of others may be too.
bool all_allow_stale_collateral(const std::vector<broker::NamedPolicy>& policies) {
  return std::ranges::all_of(policies, [](const broker::NamedPolicy& named) {
    return named.policy.stale_collateral_on_error;
  });
}

// Theirs that a quote may be genuine under by one policy alone: for what serves it of the cache.
std::vector<TrustRoot> trust_roots_of(const std::vector<broker::NamedPolicy>& policies) {
  std::vector<TrustRoot> roots;
  for (const broker::NamedPolicy& named : policies) {
    std::ranges::copy(named.policy.trust_roots, std::back_inserter(roots));
  }
  return roots;
}

Result<broker::BrokerSettings> read_settings(const Arguments& arguments, ChannelSetup& setup,
                                             Inputs& inputs, Output& setup_output) {
  const auto policies = arguments.get("--policy");
  if (!policies) return usage_error("needs --policy", "a directory with a file NAME.toml each");
  broker::BrokerSettings settings;
  settings.policies = TRY(broker::load_policies(std::string(*policies)));
  settings.trust_roots = TRY(read_roots(arguments, inputs));
  setup = TRY(read_channel_setup(
      arguments,
      {.wants_evidence = true,
       .policy_path = {},
       .stale_collateral_on_error = all_allow_stale_collateral(settings.policies),
       .trust_roots = trust_roots_of(settings.policies),
       .attests = arguments.has("--attest"),
       .handshake_timeout = settings.handshake_timeout},
      inputs, setup_output));
  settings.collateral =
      share(setup.options.peer_evidence->collateral, *setup.verifier, settings.handshake_timeout);
  settings.attester = setup.options.attester;
  TRY(read_rate(arguments, "--platform-rate", settings.per_platform_and_minute));
  TRY(read_rate(arguments, "--quote-rate", settings.quotes_per_address_and_minute));
  settings.clock = [] { return now(); };
  return settings;
}

Result<void> serve(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const auto listen = arguments.get("--listen");
  if (!listen) return usage_error("needs --listen", "--help shows examples");
  const channel::TcpAddress address = TRY(channel::parse_tcp_address(*listen, "127.0.0.1"));
  const broker::ServerLimits limits = TRY(read_limits(arguments));
  const std::string path = TRY(state_path(arguments));
  keep_memory_private();
  broker::BrokerKeys keys = TRY(broker::load_keys(path));
  Result<FileLock> lock = FileLock::of_existing(path, deadline_after(std::chrono::seconds(1)));
  if (!lock.ok()) {
    return Error{ErrorCode::refused, path + ": another broker serves it", "one state, one broker"};
  }
  broker::Store store = TRY(open_store(path, keys));
  std::mutex turn;
  output.never_waits(turn);
  // What collateral is fetched says on standard error, whichever thread it is.
  Output setup_output(STDOUT_FILENO, STDERR_FILENO);
  setup_output.never_waits(turn);
  Inputs inputs(-1);
  ChannelSetup setup;
  broker::BrokerSettings settings = TRY(read_settings(arguments, setup, inputs, setup_output));
  settings.log = decision_log(output, turn);

  SecurityEvent started(SecurityEventId::broker_started, now());
  started.bytes("key_sha256", keys.channel.sha256()).text("kind", to_string(keys.root.kind()));
  started.number("policies", settings.policies.size());
  if (keys.root.kind() == broker::StateKind::simulated) {
    output.warning("SIMULATED: the keys of this broker protect nothing");
  }
  broker::KeyBroker key_broker =
      TRY(broker::KeyBroker::make(std::move(keys), std::move(store), std::move(settings)));
  const StopSignal stop;
  if (stop.get() < 0) return Error{ErrorCode::io, "cannot take signals"};
  const channel::TcpListener listener = TRY(channel::TcpListener::open(address));
  started.text("address", to_string(listener.address()));
  return broker::serve(listener, key_broker, limits, stop.get(), [&]() -> Result<void> {
    TRY(output.record(started.line()));
    output.notice("listening on " + to_string(listener.address()));
    return {};
  });
}

int run_broker(const Arguments& arguments, Output& output) {
  return finish_broker(serve(arguments, output), output);
}

// --- quoin broker init

constexpr std::string_view kInitDescription =
    "Makes a broker's state: the root key, the key that TDs pin, and the database of epochs and\n"
    "decisions, in a directory of mode 0700 that is not there yet. Prints the SHA-256 of the "
    "key's\n"
    "SubjectPublicKeyInfo: it goes to where the measurements of your TDs reach, into their image, "
    "say.\n"
    "\n"
    "Every root comes from root.key: who has it has them all, and who loses it loses what is "
    "sealed.\n"
    "Keep a copy of root.key and channel.key where nobody reads them.";

constexpr std::array kInitExamples = {
    Example{"make it", "quoin broker init --state /var/lib/quoin-broker > broker.spki"},
    Example{"a new database for the old keys, when it is lost (docs/key-broker.md)",
            "quoin broker init --recover --state /var/lib/quoin-broker"},
};
constexpr std::array kInitOptions = {
    kStateOption,
    Option{"--trust-simulator", "", "keys for simulated TDs, which protect nothing"},
    Option{"--recover", "", "make only the database, for keys that are there"},
};

Result<void> init(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const std::string path = TRY(state_path(arguments));
  ByteArray<32> key{};
  if (arguments.has("--recover")) {
    key = TRY(broker::recover_state(path));
    output.warning("all policies are at epoch 1 again: quoin broker rotate --to N puts them back");
  } else {
    key = TRY(broker::make_state(path, arguments.has("--trust-simulator")
                                           ? broker::StateKind::simulated
                                           : broker::StateKind::production));
  }
  output.data(to_hex(key) + "\n");
  return {};
}

int run_init(const Arguments& arguments, Output& output) {
  return finish_broker(init(arguments, output), output);
}

// --- quoin broker status

constexpr std::string_view kStatusDescription =
    "Shows the key that TDs pin, and the policies that the broker has served, with their epochs; "
    "with\n"
    "--decisions its last decisions, each the line of JSON that it was logged as. The broker may "
    "be\n"
    "serving meanwhile.";

constexpr std::array kStatusExamples = {
    Example{"what there is", "quoin broker status --state /var/lib/quoin-broker"},
    Example{"who was refused, and why",
            "quoin broker status --decisions 1000 --state /var/lib/quoin-broker | grep refused"},
};
constexpr std::array kStatusOptions = {
    kStateOption,
    Option{"--decisions", "N", "print the last N decisions, the oldest first, and nothing else"},
    kJsonOption,
};

Result<void> status(const Arguments& arguments, Output& output) {
  TRY(check_no_positional(arguments));
  const std::string path = TRY(state_path(arguments));
  const broker::BrokerKeys keys = TRY(broker::load_keys(path));
  broker::Store store = TRY(open_store(path, keys));
  if (const auto text = arguments.get("--decisions")) {
    const uint64_t most = TRY(parse_number("--decisions", *text, 1, broker::Store::kKeptDecisions));
    for (const std::string& line : TRY(store.decisions(most))) output.data(line);
    return {};
  }
  Value::List policies;
  for (const broker::PolicyEpochs& policy : TRY(store.policies())) {
    policies.emplace_back(Value::Object{{"id", policy.policy_id},
                                        {"epoch", policy.epochs.current},
                                        {"oldest_epoch", policy.epochs.oldest}});
  }
  const Value value = Value::Object{{"key_sha256", Value::hex(keys.channel.sha256())},
                                    {"kind", to_string(keys.root.kind())},
                                    {"policies", std::move(policies)}};
  output.data(arguments.has("--json") ? to_json(value) : to_text(value));
  return {};
}

int run_status(const Arguments& arguments, Output& output) {
  return finish_broker(status(arguments, output), output);
}

// --- quoin broker rotate

constexpr std::string_view kRotateDescription =
    "Gives a policy a new root: its epoch goes up by one. What was sealed before still opens, "
    "until "
    "its\n"
    "epoch is retired; then nobody is given its root any more. A broker that is serving knows at "
    "once.\n"
    "\n"
    "Keys of quoin derive-key say nothing of epochs: they change with the root. A TD asks for an\n"
    "older one with quoin derive-key --epoch N, until that epoch is retired.\n"
    "\n"
    "A rotation keeps out who has had the old root; it takes no root away from anybody.";

constexpr std::array kRotateExamples = {
    Example{"a new root; seal anew what you keep, and then retire the old ones",
            "quoin broker rotate --state /var/lib/quoin-broker app"},
    Example{"a new root, and the old ones are gone",
            "quoin broker rotate --retire --state /var/lib/quoin-broker app"},
};
constexpr std::array kRotateOptions = {
    kStateOption,
    Option{"--to", "N", "go to that epoch, which must be higher"},
    Option{"--retire", "", "give no older root any more"},
};

Result<void> rotate(const Arguments& arguments, Output& output) {
  const std::string_view policy = TRY(arguments.only_positional("POLICY"));
  const std::string path = TRY(state_path(arguments));
  const broker::BrokerKeys keys = TRY(broker::load_keys(path));
  broker::Store store = TRY(open_store(path, keys));
  std::optional<uint64_t> to;
  if (const auto text = arguments.get("--to")) {
    to = TRY(parse_number("--to", *text, 1, broker::kMaxEpoch));
  }
  const broker::Epochs epochs = TRY(store.rotate(policy, to, arguments.has("--retire")));
  output.notice("policy " + std::string(policy) + " is at epoch " + std::to_string(epochs.current) +
                "; given from epoch " + std::to_string(epochs.oldest));
  return {};
}

int run_rotate(const Arguments& arguments, Output& output) {
  return finish_broker(rotate(arguments, output), output);
}

}  // namespace

constexpr Command kBrokerCommand = {
    .name = "broker",
    .summary = "give TDs that a policy accepts the root of their keys",
    .positional = "",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kBrokerExits,
    .run = run_broker,
};

constexpr Command kBrokerInitCommand = {
    .name = "broker init",
    .summary = "make the keys of a key broker",
    .positional = "",
    .description = kInitDescription,
    .examples = kInitExamples,
    .options = kInitOptions,
    .exit_statuses = kBrokerExits,
    .run = run_init,
};

constexpr Command kBrokerStatusCommand = {
    .name = "broker status",
    .summary = "show a key broker's policies, epochs and decisions",
    .positional = "",
    .description = kStatusDescription,
    .examples = kStatusExamples,
    .options = kStatusOptions,
    .exit_statuses = kBrokerExits,
    .run = run_status,
};

constexpr Command kBrokerRotateCommand = {
    .name = "broker rotate",
    .summary = "give a policy of a key broker a new root",
    .positional = "POLICY",
    .description = kRotateDescription,
    .examples = kRotateExamples,
    .options = kRotateOptions,
    .exit_statuses = kBrokerExits,
    .run = run_rotate,
};

}  // namespace quoin::cli
