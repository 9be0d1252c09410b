// A message of the key broker's protocol, as it comes out of a channel.

#ifndef QUOIN_SRC_SEAL_BROKER_CHANNEL_H_
#define QUOIN_SRC_SEAL_BROKER_CHANNEL_H_

#include <cstddef>

#include "quoin/channel.h"
#include "quoin/result.h"
#include "quoin/secret.h"
#include "src/os/deadline.h"

namespace quoin::broker {

// What stands behind the size, at most that many bytes. Fails as parse_size() and
// AttestedChannel::read() do, and with truncated where the peer ends before the message.
Result<SecretBytes> read_message(AttestedChannel& channel, size_t most, Deadline deadline);

}  // namespace quoin::broker

#endif  // QUOIN_SRC_SEAL_BROKER_CHANNEL_H_
