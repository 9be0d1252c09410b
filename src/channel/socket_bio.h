// A socket as OpenSSL reads and writes it. Unlike OpenSSL's own, writing to a peer that has gone
// away raises no SIGPIPE, which would end a process that does not expect it.

#ifndef QUOIN_SRC_CHANNEL_SOCKET_BIO_H_
#define QUOIN_SRC_CHANNEL_SOCKET_BIO_H_

#include <openssl/bio.h>

#include "src/channel/socket.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin::channel {

// Borrows the socket, which does not block, stays where it is, and outlives the BIO. Null when
// there is no memory.
OpenSslPointer<BIO, BIO_free_all> make_socket_bio(Socket& socket);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_SOCKET_BIO_H_
