// Starting a child with everything taken away first, and ending it with everything it started.

#ifndef QUOIN_SRC_WASM_SPAWN_H_
#define QUOIN_SRC_WASM_SPAWN_H_

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "src/os/unique_fd.h"
#include "src/wasm/system_filter.h"

namespace quoin {

// The user and group that children run as when we are root: Debian's nobody and nogroup.
inline constexpr uid_t kChildUser = 65534;
inline constexpr gid_t kChildGroup = 65534;

// In a child, the descriptor of the program to execute: above kChildMaxFds, so that it can never
// come back once exec has closed it.
inline constexpr int kExecFd = 300;
inline constexpr rlim_t kChildMaxFds = 256;

// Everything about a child. All descriptors are borrowed.
struct SpawnPlan {
  std::vector<int> fds;  // become 0, 1, 2, ...; at most 8
  int exec_fd = -1;      // the program, or else:
  std::string program;   // its path
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"
  std::string directory;                 // to change to; empty: stay
  std::vector<std::pair<__rlimit_resource_t, rlim_t>> limits;
  const SystemFilter* filter = nullptr;
  int landlock = -1;  // -1: none
};

// A running child, leader of a session and a process group of its own. Killed, with its group, and
// waited for when its owner goes. Not thread-safe.
class Child {
 public:
  Child() = default;
  Child(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  ~Child() { kill_and_wait(); }
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}
  Child& operator=(Child&& other) noexcept;

  // Readable when the child has ended.
  int pidfd() const { return pidfd_.get(); }

  // Sends SIGKILL to the group. The child is still to be waited for.
  void kill_group();

  // Waits for the end and returns the status as waitpid has it. The rest of the group is killed.
  int wait();

 private:
  void kill_and_wait();

  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

// Starts the child. When this returns a Child, the program is running, under these: a new session,
// death when the calling thread dies, no-new-privileges, the limits, no core, kChildMaxFds
// descriptors, kChildUser without groups and capabilities if we were root (else only without
// capabilities), Landlock and filter if given, and no descriptors but `fds`.
Result<Child> spawn(const SpawnPlan& plan);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_SPAWN_H_
