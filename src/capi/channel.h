// The one attested channel of the C API.

#ifndef QUOIN_SRC_CAPI_CHANNEL_H_
#define QUOIN_SRC_CAPI_CHANNEL_H_

namespace quoin::capi {

// Ends the channel, if there is one. Whoever waits in it is woken. Thread-safe.
void close_channel();

}  // namespace quoin::capi

#endif  // QUOIN_SRC_CAPI_CHANNEL_H_
