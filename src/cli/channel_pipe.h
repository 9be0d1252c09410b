// Standard input to the peer, and the peer to standard output.

#ifndef QUOIN_SRC_CLI_CHANNEL_PIPE_H_
#define QUOIN_SRC_CLI_CHANNEL_PIPE_H_

#include "quoin/channel.h"
#include "quoin/result.h"
#include "src/cli/output.h"
#include "src/os/security_log.h"

namespace quoin::cli {

// Copies `input` to the channel and the channel to `output`, both at once, until both have ended or
// the peer is gone after its end. The end of the input is told to the peer. Fails with truncated
// where the connection was cut, and with io.
Result<void> pipe_channel(AttestedChannel& channel, int input, int output);

// How a connection is told of.
struct ChannelTelling {
  ChannelRole role = ChannelRole::client;  // ours
  bool json = false;
  const SecurityLog& log;
};

// Says who the peer is, writes it down, and pipes; or says why there is no channel. What cannot be
// written down carries no data. Returns the exit status.
int use_channel(Result<AttestedChannel>& channel, const PeerAppraisal& peer,
                const ChannelTelling& telling, Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_CHANNEL_PIPE_H_
