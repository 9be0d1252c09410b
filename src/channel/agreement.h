// What happens between TLS's handshake and the first byte of data.

#ifndef QUOIN_SRC_CHANNEL_AGREEMENT_H_
#define QUOIN_SRC_CHANNEL_AGREEMENT_H_

#include "quoin/channel.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/channel/deadline.h"
#include "src/channel/tls_session.h"

namespace quoin::channel {

// Shows the peer what it wants, looks at what it shows, and returns when both sides have said that
// they accept; what was found out stands in `appraisal`. Fails as AttestedChannel::connect() does,
// and has told the peer then that it is refused.
Result<void> agree(TlsSession& session, ChannelRole role, const ChannelOptions& options,
                   UtcTime now, const Deadline& deadline, PeerAppraisal& appraisal);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_AGREEMENT_H_
