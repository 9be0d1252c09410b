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
    "With --json what is said of the client is one line, as in quoin connect --help.";

constexpr std::array kExamples = {
    Example{"a simulated TD, for quoin connect --trust-simulator 127.0.0.1:4433",
            "quoin listen --simulate 4433"},
    Example{"a service that is no TD, and wants its clients to be",
            "quoin listen --key key.pem --require-client policy.toml --collateral c.json "
            "0.0.0.0:4433"},
};

constexpr std::array kOptions = {
    Option{"--simulate", "", "give evidence of a simulated TD"},
    Option{"--td", "NAME", "the simulated TD that is meant: quoin sim td list (default)"},
    Option{"--key", "FILE", "show this key (P-256, PEM) instead of a fresh one"},
    Option{"--require-client", "FILE",
           "accept clients that this policy (TOML) wants, and no other"},
    Option{"--collateral", "FILE", "verify clients with this collateral (a JSON bundle)"},
    Option{"--trust-root", "FILE", "trust this root (PEM or DER) instead of Intel's", true},
    Option{"--trust-simulator", "", "trust the root of this machine's simulator as well"},
    Option{"--peer-key", "HEX", "the client must have the key with this SHA-256"},
    Option{"--timeout", "S", "give the handshake that many seconds (30)"},
    Option{"--json", "", "say who the client is as a line of JSON"},
};

constexpr std::array kExits = {
    ExitMeaning{kExitOk, "both sides said all that they had to say"},
    ExitMeaning{kExitRefused, "the client is refused, refuses us, or the connection failed"},
    ExitMeaning{kExitUsage, "the command line is wrong, or a file that it names cannot be read"},
    ExitMeaning{kExitMalformed, "collateral, policy or key is malformed"},
    ExitMeaning{kExitCollateralMissing, "there is no collateral to verify with"},
    ExitMeaning{kExitBug, "a bug of ours"},
};

struct Request {
  channel::TcpAddress address;
  ChannelSetup setup;
};

Result<Request> read_request(const Arguments& arguments, Output& output) {
  const std::string_view address = TRY(arguments.only_positional("[ADDRESS:]PORT"));
  Request request;
  request.address = TRY(channel::parse_tcp_address(address, "127.0.0.1"));
  if (!arguments.has("--simulate") && !arguments.has("--key")) {
    return usage_error("there is nothing to prove to a client who this is",
                       "--simulate gives evidence of a simulated TD, --key shows a key");
  }
  const auto policy = arguments.get("--require-client");
  Inputs inputs(-1);
  request.setup = TRY(read_channel_setup(arguments, policy.has_value(), policy, inputs, output));
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
  return use_channel(accepted, peer, arguments.has("--json"), output);
}

}  // namespace

constexpr Command kListenCommand = {
    .name = "listen",
    .summary = "be talked to over TLS, and prove to the other side which TD this is",
    .positional = "[ADDRESS:]PORT",
    .description = kDescription,
    .examples = kExamples,
    .options = kOptions,
    .exit_statuses = kExits,
    .run = run_listen,
};

}  // namespace quoin::cli
