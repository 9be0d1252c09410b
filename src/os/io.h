// Reading and writing file descriptors and small files, bounded.

#ifndef QUOIN_SRC_OS_IO_H_
#define QUOIN_SRC_OS_IO_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/secret.h"
#include "src/os/deadline.h"

namespace quoin {

// Everything from where the descriptor stands to its end. `what` names it in errors. Fails with
// too_large over `max_bytes`, however long it would go on, and as system_error() does.
Result<Bytes> read_to_end(int fd, size_t max_bytes, std::string_view what);

// The same for a secret: no copy of what was read is left behind. Makes room for `max_bytes` at
// once.
Result<SecretBytes> read_secret(int fd, size_t max_bytes, std::string_view what);

// All of the bytes, from where the descriptor stands. Fails as system_error() does.
Result<void> write_all(int fd, ByteView bytes, std::string_view what);

// The contents of a file: of a regular one, or of one of sysfs or procfs, whose size nobody knows.
// Never waits for a writer of a FIFO. Fails with not_found, permission, io, or too_large.
Result<Bytes> read_file(const std::string& path, size_t max_bytes);

// Waits until the descriptor is ready for `events` of poll(2), or has an error or its end to tell.
// Fails with timed_out at the deadline, and with io.
Result<void> wait_for(int fd, short events, Deadline deadline, std::string_view what);

// Waits that long, but not past the deadline. Returns whether the deadline is still to come.
bool pause_for(std::chrono::milliseconds time, Deadline deadline);

}  // namespace quoin

#endif  // QUOIN_SRC_OS_IO_H_
