// What `quoin listen` and `quoin connect` say of a peer, before any data.

#ifndef QUOIN_SRC_CLI_CHANNEL_STATUS_H_
#define QUOIN_SRC_CLI_CHANNEL_STATUS_H_

#include "quoin/channel.h"
#include "quoin/time.h"
#include "src/base/security_event.h"
#include "src/cli/output.h"

namespace quoin::cli {

// Says on standard error whether the peer was accepted and who it is, in words or as one line of
// JSON. `error` is why there is no channel; null where there is one.
void print_channel_status(const PeerAppraisal& peer, const Error* error, bool json, Output& output);

// The same for the security log. `role` is ours.
SecurityEvent channel_event(const PeerAppraisal& peer, const Error* error, ChannelRole role,
                            UtcTime now);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_CHANNEL_STATUS_H_
