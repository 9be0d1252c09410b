#include "src/wasm/sandbox.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "src/base/try.h"
#include "src/wasm/guest/protocol.h"
#include "src/wasm/landlock.h"
#include "src/wasm/module.h"
#include "src/wasm/system_filter.h"

namespace quoin {
namespace {

// Linux 6.3's word for "may be executed"; older kernels refuse it, and need no such word.
constexpr unsigned kMemfdExec = 0x0010;

// Beside linear memory: the C library's heap, tables, the guest runtime's buffers.
constexpr rlim_t kDataMargin = rlim_t{64} << 20;
// Linear memory reserves a little more than 8 GiB, whatever its size.
constexpr rlim_t kAddressSpace = rlim_t{10} << 30;
constexpr rlim_t kStackBytes = rlim_t{8} << 20;

Result<UniqueFd> sealed_copy(ByteView bytes) {
  int fd = memfd_create("quoin-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING | kMemfdExec);
  if (fd < 0 && errno == EINVAL) fd = memfd_create("quoin-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  UniqueFd file = TRY(owned(fd, "memfd_create"));
  while (!bytes.empty()) {
    const ssize_t put = write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("writing the object", errno);
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return system_error("sealing the object", errno);
  return file;
}

struct Pair {
  UniqueFd ours;
  UniqueFd guests;
};

Result<Pair> make_socket() {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0) {
    return system_error("socketpair", errno);
  }
  Pair pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
  const int size = 2 * QUOIN_MAX_MESSAGE;
  if (setsockopt(pair.ours.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0) {
    return system_error("setsockopt", errno);
  }
  return pair;
}

Result<Pair> make_output_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  Pair pair{UniqueFd(fds[0]), UniqueFd(fds[1])};
  // Only our end: the guest waits when nobody takes its output.
  if (fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK) != 0) return system_error("fcntl", errno);
  return pair;
}

}  // namespace

uint64_t max_pages(const RunOptions& options) { return options.memory_bytes / kWasmPageBytes; }

Result<Sandbox> start_sandbox(ByteView native_object, ByteView greeting,
                              const RunOptions& options) {
  static const Result<SystemFilter> filter = guest_filter(kExecFd);
  if (!filter.ok()) return filter.error();
  const UniqueFd object = TRY(sealed_copy(native_object));
  const UniqueFd ruleset = TRY(make_landlock_ruleset({}));
  const UniqueFd null = TRY(owned(open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null"));
  Pair socket = TRY(make_socket());
  Pair out = TRY(make_output_pipe());
  Pair err = TRY(make_output_pipe());
  if (send(socket.ours.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL | MSG_DONTWAIT) !=
      static_cast<ssize_t>(greeting.size())) {
    return system_error("greeting the program", errno);
  }

  SpawnPlan plan;
  plan.fds = {null.get(), out.guests.get(), err.guests.get(), socket.guests.get()};
  plan.exec_fd = object.get();
  plan.arguments = {"guest"};
  plan.limits = {{RLIMIT_DATA, max_pages(options) * kWasmPageBytes + kDataMargin},
                 {RLIMIT_AS, kAddressSpace},
                 {RLIMIT_STACK, kStackBytes},
                 {RLIMIT_FSIZE, options.max_file_bytes},
                 {RLIMIT_NPROC, 0},
                 {RLIMIT_MEMLOCK, 0},
                 {RLIMIT_MSGQUEUE, 0}};
  plan.filter = &*filter;
  plan.landlock = ruleset.get();

  Sandbox sandbox;
  sandbox.child = TRY(spawn(plan));
  sandbox.broker = std::move(socket.ours);
  sandbox.out = std::move(out.ours);
  sandbox.err = std::move(err.ours);
  return sandbox;
}

}  // namespace quoin
