// The simulated platform's provisioning service: what Intel's PCS (API v3 and v4) and a PCCS would
// answer. No sockets here.

#ifndef QUOIN_SRC_SIMULATOR_PCS_RESPONSES_H_
#define QUOIN_SRC_SIMULATOR_PCS_RESPONSES_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "src/simulator/platform.h"

namespace quoin::simulator {

struct PcsReply {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  Bytes body = {};
  // What a server makes of the reply: how long it waits before, and whether it promises more than
  // the body and hangs up.
  std::chrono::milliseconds delay{0};
  bool cut_off = false;
};

// The answer to a GET of `target`, a path with its query as it stands in a request:
// "/tdx/certification/v4/tcb?fmspc=...", "qe/identity", "pckcrl?ca=...&encoding=...", "rootcacrl"
// (of a PCCS). CRLs are in hex where no encoding is asked for, as a PCCS gives them. 400 for a
// query that does not make sense, 404 for what there is not, another platform among it.
PcsReply pcs_reply(const Platform& platform, std::string_view target);

// What can be wrong with a service. Each has a name for the command line.
enum class PcsFault : uint8_t {
  none,
  error,             // HTTP status 500, always
  busy_twice,        // 503 to the first two requests, then as it should be
  too_many,          // 429, with Retry-After
  forbidden,         // 401
  unknown,           // 404
  redirect,          // 302 to another host
  slow,              // waits three seconds
  cut_off,           // hangs up in the middle
  oversize,          // 16 MiB
  oversize_headers,  // a header of 80 KiB
  empty,             // 200 without a body
  html,              // 200 with a page for people
  no_chain,          // without the header that has the issuer's chain
  two_chains,        // with that header twice
  bad_escape,        // with a chain whose percent-encoding is wrong
  not_a_chain,       // with a chain that is none
  other_platform,    // TCB info of another FMSPC
  altered,           // TCB info with one digit changed: its signature is wrong
  new_bios,          // a TCB level above the platform's: its processor's SVNs are OutOfDate
  new_module,        // a level of the TDX module above the platform's
  new_qe,            // a level of the quoting enclave above the platform's
};

struct NamedPcsFault {
  std::string_view name;  // "busy-twice"
  PcsFault fault;
};
std::span<const NamedPcsFault> pcs_faults();
std::optional<PcsFault> parse_pcs_fault(std::string_view name);

// What the platform's service says with that fault: the platform is what it was, and TCB info or QE
// identity know something newer. As it is for the other faults.
PlatformSettings with_fault(PcsFault fault, PlatformSettings settings);

// The reply that a service with that fault gives to its request number `number`, from 0.
PcsReply with_fault(PcsFault fault, uint64_t number, PcsReply reply);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_PCS_RESPONSES_H_
