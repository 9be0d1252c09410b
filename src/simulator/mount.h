// The files of a TD in software, mounted with FUSE (libfuse3): programs that know nothing of the
// simulator find a TD there.

#ifndef QUOIN_SRC_SIMULATOR_MOUNT_H_
#define QUOIN_SRC_SIMULATOR_MOUNT_H_

#include <functional>
#include <string>

#include "quoin/result.h"
#include "src/simulator/mount_file.h"
#include "src/simulator/mount_tree.h"

namespace quoin::simulator {

// Time as it is, for a tree that is mounted: waiting ends when whoever waits gets a signal, or when
// the mount ends.
KernelTime mount_time();

// Mounts the tree at `directory`, which must be there and be empty, calls `mounted`, and serves
// until SIGINT, SIGTERM or SIGHUP comes, or until somebody unmounts it; then it is unmounted.
// Starts threads, and takes those signals meanwhile: once at a time in a process. Needs root, or
// the program fusermount3. Fails with not_found, invalid_argument (no directory, or not empty), or
// io.
Result<void> serve_mount(GuestTree& tree, const std::string& directory,
                         const std::function<void()>& mounted);

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_MOUNT_H_
