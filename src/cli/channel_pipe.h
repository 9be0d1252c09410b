// Standard input to the peer, and the peer to standard output.

#ifndef QUOIN_SRC_CLI_CHANNEL_PIPE_H_
#define QUOIN_SRC_CLI_CHANNEL_PIPE_H_

#include "quoin/channel.h"
#include "quoin/result.h"
#include "src/cli/output.h"

namespace quoin::cli {

// Copies `input` to the channel and the channel to `output`, both at once, until both have ended or
// the peer is gone after its end. The end of the input is told to the peer. Fails with truncated
// where the connection was cut, and with io.
Result<void> pipe_channel(AttestedChannel& channel, int input, int output);

// Says who the peer is and pipes; or says why there is no channel. Returns the exit status.
int use_channel(Result<AttestedChannel>& channel, const PeerAppraisal& peer, bool json,
                Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_CHANNEL_PIPE_H_
