#include "src/wasm/spawn.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/wasm/landlock.h"

namespace quoin {
namespace {

constexpr size_t kMaxChildFds = 8;
constexpr int kReportFd = kExecFd + 1;
// Where the child keeps descriptors while it puts them in their places.
constexpr int kFirstSpareFd = kExecFd + 2;

// What the child tells when it could not become what it should: which step, and errno.
struct Failure {
  int step = 0;
  int error = 0;
};

constexpr std::array<const char*, 12> kSteps = {
    "descriptors", "session",        "working directory", "limits",       "user",    "capabilities",
    "parent",      "new privileges", "landlock",          "system calls", "signals", "execution"};

// All that the child needs, laid out before the fork: between fork and exec it may not allocate.
struct Prepared {
  std::array<int, kMaxChildFds> fds{};
  size_t fd_count = 0;
  int exec_fd = -1;
  const char* program = nullptr;
  int report_fd = -1;
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* directory = nullptr;
  const std::vector<std::pair<__rlimit_resource_t, rlim_t>>* limits = nullptr;
  sock_fprog filter{};
  int landlock = -1;
  pid_t parent = 0;
  bool is_root = false;
};

bool set_limit(__rlimit_resource_t resource, rlim_t value) {
  const rlimit limit{value, value};
  if (setrlimit(resource, &limit) == 0) return true;
  // Only root may raise a limit. One that is lower already is as good.
  rlimit now{};
  return getrlimit(resource, &now) == 0 && now.rlim_max < value;
}

bool arrange_fds(const Prepared& plan, int& report_fd) {
  // First away from the low numbers, then into place: no two may step on each other.
  std::array<int, kMaxChildFds> spare{};
  for (size_t i = 0; i < plan.fd_count; ++i) {
    spare[i] = fcntl(plan.fds[i], F_DUPFD_CLOEXEC, kFirstSpareFd);
    if (spare[i] < 0) return false;
  }
  const int program = plan.exec_fd < 0 ? -1 : fcntl(plan.exec_fd, F_DUPFD_CLOEXEC, kFirstSpareFd);
  const int report = fcntl(plan.report_fd, F_DUPFD_CLOEXEC, kFirstSpareFd);
  const int landlock =
      plan.landlock < 0 ? -1 : fcntl(plan.landlock, F_DUPFD_CLOEXEC, kFirstSpareFd);
  if (report < 0 || (plan.exec_fd >= 0 && program < 0) || (plan.landlock >= 0 && landlock < 0)) {
    return false;
  }
  if (dup3(report, kReportFd, O_CLOEXEC) < 0) return false;
  report_fd = kReportFd;
  if (program >= 0 && dup3(program, kExecFd, O_CLOEXEC) < 0) return false;
  for (size_t i = 0; i < plan.fd_count; ++i) {
    if (dup2(spare[i], static_cast<int>(i)) < 0) return false;
  }
  const int ruleset_place = static_cast<int>(plan.fd_count);
  if (landlock >= 0 && dup3(landlock, ruleset_place, O_CLOEXEC) < 0) return false;
  const auto first = static_cast<unsigned>(plan.fd_count) + (landlock >= 0 ? 1 : 0);
  return syscall(SYS_close_range, first, program >= 0 ? kExecFd - 1 : kExecFd, 0) == 0 &&
         syscall(SYS_close_range, kFirstSpareFd, ~0U, 0) == 0;
}

bool set_limits(const Prepared& plan) {
  if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_NOFILE, kChildMaxFds)) return false;
  for (const auto& [resource, value] : *plan.limits) {
    // The number of processes is the new user's matter.
    if (resource != RLIMIT_NPROC && !set_limit(resource, value)) return false;
  }
  return true;
}

bool set_process_limit(const Prepared& plan) {
  for (const auto& [resource, value] : *plan.limits) {
    if (resource == RLIMIT_NPROC && !set_limit(resource, value)) return false;
  }
  return true;
}

// Raw calls: glibc's would go and tell threads that a fork has left behind.
bool drop_user() {
  return syscall(SYS_setgroups, 0, nullptr) == 0 &&
         syscall(SYS_setresgid, kChildGroup, kChildGroup, kChildGroup) == 0 &&
         syscall(SYS_setresuid, kChildUser, kChildUser, kChildUser) == 0;
}

bool drop_capabilities() {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const std::array<__user_cap_data_struct, 2> none{};
  return syscall(SYS_capset, &header, none.data()) == 0;
}

bool reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action{};
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

// Becomes the child. Returns only when a step fails: its number.
int become(const Prepared& plan, int& report_fd) {
  if (!arrange_fds(plan, report_fd)) return 0;
  if (setsid() < 0) return 1;
  if (plan.directory != nullptr && chdir(plan.directory) != 0) return 2;
  if (!set_limits(plan)) return 3;
  if (plan.is_root && !drop_user()) return 4;
  if (!set_process_limit(plan)) return 3;
  if (!drop_capabilities()) return 5;
  // Changing the user clears this, so it comes after; the parent may have died before.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != plan.parent) return 6;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 7;
  if (plan.landlock >= 0) {
    const int ruleset = static_cast<int>(plan.fd_count);
    if (!enforce_landlock(ruleset)) return 8;
    close(ruleset);
  }
  if (!reset_signals()) return 10;
  if (plan.filter.len > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &plan.filter) != 0) {
    return 9;
  }
  if (plan.program != nullptr) {
    execve(plan.program, plan.arguments.data(), plan.environment.data());
  } else {
    syscall(SYS_execveat, kExecFd, "", plan.arguments.data(), plan.environment.data(),
            AT_EMPTY_PATH);
  }
  return 11;
}

[[noreturn]] void run_child(const Prepared& plan) {
  int report_fd = plan.report_fd;
  Failure failure;
  failure.step = become(plan, report_fd);
  failure.error = errno;
  const ssize_t written = write(report_fd, &failure, sizeof failure);
  _exit(written == sizeof failure ? 126 : 127);
}

// The strings as exec wants them; they must outlive the result.
std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    kill_and_wait();
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::move(other.pidfd_);
  }
  return *this;
}

void Child::kill_group() {
  if (pid_ > 0) kill(-pid_, SIGKILL);
}

int Child::wait() {
  // The leader's number stays taken until it has been waited for, so the group is still ours.
  siginfo_t ignored{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &ignored, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  kill_group();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

void Child::kill_and_wait() {
  if (pid_ <= 0) return;
  // Before setsid there is no group yet.
  kill(pid_, SIGKILL);
  wait();
}

Result<Child> spawn(const SpawnPlan& plan) {
  if (plan.fds.size() > kMaxChildFds) {
    return Error{ErrorCode::invalid_argument, "spawn: too many descriptors"};
  }
  std::array<int, 2> report{};
  if (pipe2(report.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  const UniqueFd report_in(report[0]);
  UniqueFd report_out(report[1]);

  Prepared prepared;
  std::ranges::copy(plan.fds, prepared.fds.begin());
  prepared.fd_count = plan.fds.size();
  prepared.exec_fd = plan.exec_fd;
  prepared.program = plan.program.empty() ? nullptr : plan.program.c_str();
  prepared.report_fd = report_out.get();
  prepared.arguments = pointers(plan.arguments);
  prepared.environment = pointers(plan.environment);
  prepared.directory = plan.directory.empty() ? nullptr : plan.directory.c_str();
  prepared.limits = &plan.limits;
  if (plan.filter != nullptr) {
    prepared.filter.len = static_cast<unsigned short>(plan.filter->size());
    prepared.filter.filter = const_cast<sock_filter*>(plan.filter->data());
  }
  prepared.landlock = plan.landlock;
  prepared.parent = getpid();
  prepared.is_root = geteuid() == 0;

  const pid_t pid = fork();
  if (pid < 0) return system_error("fork", errno);
  if (pid == 0) run_child(prepared);
  Child child(pid, UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))));
  if (child.pidfd() < 0) return system_error("pidfd_open", errno);

  report_out.reset();
  Failure failure;
  ssize_t got = 0;
  do {
    got = read(report_in.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return child;
  if (got != sizeof failure || static_cast<size_t>(failure.step) >= kSteps.size()) {
    return Error{ErrorCode::io, "sandbox: the child did not start"};
  }
  return system_error(std::string("sandbox, ") + kSteps[static_cast<size_t>(failure.step)],
                      failure.error);
}

}  // namespace quoin
