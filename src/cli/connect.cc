#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "quoin/channel.h"
#include "src/base/try.h"
#include "src/channel/tcp.h"
#include "src/cli/arguments.h"
#include "src/cli/channel_pipe.h"
#include "src/cli/channel_setup.h"
#include "src/cli/channel_status.h"
#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/named_files.h"
#include "src/cli/system.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kDescription =
    "Connects to a quoin listen, or to any other end of Quoin's attested TLS, and has it prove "
    "what\n"
    "it is before a byte of data goes either way: a quote of its TD, made for this very "
    "connection,\n"
    "is verified and judged by the policy as quoin verify does. Then standard input goes to the "
    "peer,\n"
    "and what the peer sends to standard output.\n"
    "\n"
    "What was found out stands on standard error first: in words, or with --json as an object on "
    "one\n"
    "line with accepted, genuine and simulated (booleans); tcb_status, advisories, valid_until "
    "and\n"
    "measurements as in quoin verify --json; reason (the id of the check that did not pass, or "
    "null);\n"
    "key_sha256 (the peer's key); error (null, or code, what and hint). Members may be added.\n"
    "\n"
    "With --attest or --simulate this side proves what it is to a peer that asks: by its quote,\n"
    "and by the runtime events of its TD (quoin rtmr log), where there is a log.\n"
    "\n"
    "Collateral comes from --collateral, else it is fetched as quoin verify does, unless "
    "--offline; "
    "for\n"
    "a simulator that is trusted it is made.\n"
    "\n"
    "--timeout bounds connecting, and then, anew, the handshake. Looking up the peer's name and "
    "fetching\n"
    "are not held to it: each of the four requests for collateral is made three times at most, "
    "unless\n"
    "sgx_default_qcnl.conf says how often, and has 30 seconds each time, 10 of them to connect; "
    "another\n"
    "process that fetches is waited for, a minute at most. A handshake whose time is over by then\n"
    "fails. An address in numbers and --collateral need neither.\n"
    "\n"
    "A connection that is cut, rather than ended by the peer's word, ends with status 1: what has\n"
    "come until then may not be all.";

constexpr std::array kExamples = {
    Example{"a simulated TD on this machine, which runs quoin listen --simulate 4433",
            "quoin connect --trust-simulator 127.0.0.1:4433"},
    Example{"a TD that a policy pins", "quoin connect --policy policy.toml td.example:4433"},
    Example{"the same, with collateral from a file",
            "quoin connect --policy policy.toml --collateral collateral.json td.example:4433"},
    Example{"from one TD to another, where both want to know",
            "quoin connect --attest --policy policy.toml td.example:4433"},
    Example{"a service that is no TD, known by its key, from within a simulated TD",
            "quoin connect --simulate --no-evidence --peer-key "
            "24ba3e3dc4b2d1a14d09a34a6a4ab1b9a2ad7e1a6fbd6a9c5e7cd4a6a50a9b0e 127.0.0.1:4433"},
};

constexpr auto kOptions = with_channel_options(std::array{
    Option{"--policy", "FILE", "accept a peer that this policy (TOML) wants"},
    Option{"--no-evidence", "", "ask the peer for no evidence: --peer-key says who it is"},
    Option{"--attest", "", "give evidence of this TD to a peer that wants it"},
});

struct Request {
  SecurityLog log;
  channel::TcpAddress address;
  ChannelSetup setup;
};

Result<Request> read_request(const Arguments& arguments, Output& output) {
  const std::string_view address = TRY(arguments.only_positional("HOST:PORT"));
  Request request;
  request.log = TRY(open_security_log(arguments));
  Result<channel::TcpAddress> parsed = channel::parse_tcp_address(address);
  if (!parsed.ok()) return parsed.error();
  request.address = std::move(parsed).value();
  const bool wants_evidence = !arguments.has("--no-evidence");
  if (!wants_evidence && !arguments.has("--peer-key")) {
    return usage_error("--no-evidence without --peer-key would accept anybody",
                       "name the key that the peer must have");
  }
  // Standard input is for the peer, so no file can be "-".
  Inputs inputs(-1);
  const ChannelWishes wishes = {
      .wants_evidence = wants_evidence,
      .policy_path = arguments.get("--policy"),
      .attests = arguments.has("--attest") || arguments.has("--td-root"),
  };
  request.setup = TRY(read_channel_setup(arguments, wishes, inputs, output));
  return request;
}

Result<AttestedChannel> connect(const Request& request, PeerAppraisal& peer) {
  const ChannelOptions& options = request.setup.options;
  channel::Socket socket =
      TRY(channel::tcp_connect(request.address, channel::Deadline::in(options.handshake_timeout)));
  return AttestedChannel::connect(socket.release(), options, now(), &peer);
}

int run_connect(const Arguments& arguments, Output& output) {
  const Result<Request> request = read_request(arguments, output);
  if (!request.ok()) {
    output.error(request.error());
    return exit_status_of(request.error().code);
  }
  PeerAppraisal peer;
  Result<AttestedChannel> connected = connect(*request, peer);
  return use_channel(
      connected, peer,
      {.role = ChannelRole::client, .json = arguments.has("--json"), .log = request->log}, output);
}

}  // namespace

constexpr Command kConnectCommand = {
    .name = "connect",
    .summary = "talk to a TD over TLS, once it has proven what it is",
    .positional = "HOST:PORT",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kChannelExits,
    .run = run_connect,
};

}  // namespace quoin::cli
