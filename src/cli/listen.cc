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
    "Waits for one connection of Quoin's attested TLS, and proves to whoever connects and wants "
    "to\n"
    "know which TD this is: by a quote that is made for that very connection. Then standard input\n"
    "goes to the peer, and what the peer sends to standard output, until both sides are done.\n"
    "\n"
    "Anybody may connect, unless --require-client gives a policy for the evidence of clients, or\n"
    "--peer-key the key that they must have. Without an address it listens on 127.0.0.1 only. Port "
    "0\n"
    "is any that is free; standard error says which.\n"
    "\n"
    "The runtime events of the TD (quoin rtmr log) go with the quote, where there is a log: a "
    "policy "
    "can\n"
    "ask for them.\n"
    "\n"
    "Collateral for a client's evidence comes from where quoin connect has it, and --timeout "
    "bounds "
    "the\n"
    "handshake but for fetching it, as there.\n"
    "\n"
    "With --json what is said of the client is one line, as in quoin connect --help.";

constexpr std::array kExamples = {
    Example{"in a TD, for clients that have a policy of what it must be",
            "quoin listen 0.0.0.0:4433"},
    Example{"a simulated TD, for quoin connect --trust-simulator 127.0.0.1:4433",
            "quoin listen --simulate 4433"},
    Example{"a service that is no TD, and wants its clients to be",
            "quoin listen --key key.pem --require-client policy.toml 0.0.0.0:4433"},
};

constexpr auto kOptions = with_channel_options(std::array{
    Option{"--require-client", "FILE",
           "accept clients that this policy (TOML) wants, and no other"},
    Option{"--attest", "", "give evidence of this TD besides --key; without that, it always does"},
});

struct Request {
  SecurityLog log;
  channel::TcpAddress address;
  ChannelSetup setup;
};

Result<Request> read_request(const Arguments& arguments, Output& output) {
  const std::string_view address = TRY(arguments.only_positional("[ADDRESS:]PORT"));
  Request request;
  request.log = TRY(open_security_log(arguments));
  request.address = TRY(channel::parse_tcp_address(address, "127.0.0.1"));
  const auto policy = arguments.get("--require-client");
  const ChannelWishes wishes = {
      .wants_evidence = policy.has_value(),
      .policy_path = policy,
      // Who shows no key must have something else to show.
      .attests = !arguments.has("--key") || arguments.has("--attest") || arguments.has("--td-root"),
  };
  Inputs inputs(-1);
  request.setup = TRY(read_channel_setup(arguments, wishes, inputs, output));
  return request;
}

Result<AttestedChannel> accept(const Request& request, PeerAppraisal& peer, Output& output) {
  const channel::TcpListener listener = TRY(channel::TcpListener::open(request.address));
  output.notice("listening on " + to_string(listener.address()));
  channel::Socket socket = TRY(listener.accept());
  return AttestedChannel::accept(socket.release(), request.setup.options, now(), &peer);
}

int run_listen(const Arguments& arguments, Output& output) {
  const Result<Request> request = read_request(arguments, output);
  if (!request.ok()) {
    output.error(request.error());
    return exit_status_of(request.error().code);
  }
  PeerAppraisal peer;
  Result<AttestedChannel> accepted = accept(*request, peer, output);
  return use_channel(
      accepted, peer,
      {.role = ChannelRole::server, .json = arguments.has("--json"), .log = request->log}, output);
}

}  // namespace

constexpr Command kListenCommand = {
    .name = "listen",
    .summary = "be talked to over TLS, and prove to the other side which TD this is",
    .positional = "[ADDRESS:]PORT",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kChannelExits,
    .run = run_listen,
};

}  // namespace quoin::cli
