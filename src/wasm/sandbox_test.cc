// Native objects that know no rules: what they can do when the guest runtime is not in their way.

#include "src/wasm/sandbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "src/wasm/test_support.h"
#include "src/wasm/toolchain.h"

namespace quoin {
namespace {

constexpr std::string_view kPreamble = R"(
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
static void one(void) { write(1, "reached", 7); }
int main(int argc, char** argv) {
)";

// Each case is the body of a case label; one executable holds them all, and the argument that
// names the case comes through the greeting, since a guest's argv is fixed.
struct Attempt {
  const char* name;
  const char* code;
};

// Calls that must end the process with SIGSYS. "reached" must never be written behind them.
constexpr Attempt kForbidden[] = {
    {"open", "open(\"/etc/passwd\", O_RDONLY); one();"},
    {"openat2", "syscall(SYS_openat2, AT_FDCWD, \"/etc/passwd\", 0, 0); one();"},
    {"creat", "creat(\"/tmp/quoin-hostile\", 0644); one();"},
    {"stat", "struct stat s; syscall(SYS_stat, \"/etc/passwd\", &s); one();"},
    {"newfstatat", "struct stat s; fstatat(AT_FDCWD, \"/etc/passwd\", &s, 0); one();"},
    {"access", "access(\"/etc/passwd\", R_OK); one();"},
    {"socket", "socket(AF_INET, SOCK_STREAM, 0); one();"},
    {"socketpair", "int s[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, s); one();"},
    {"fork", "if (fork() == 0) one(); one();"},
    {"clone", "syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); one();"},
    {"vfork", "syscall(SYS_vfork); one();"},
    {"ptrace", "ptrace(PTRACE_TRACEME, 0, 0, 0); one();"},
    {"kill", "kill(getppid(), 0); one();"},
    {"tgkill", "syscall(SYS_tgkill, 1, 1, 0); one();"},
    {"pidfd", "syscall(SYS_pidfd_open, 1, 0); one();"},
    {"execve", "char* a[] = {\"sh\", 0}; execve(\"/bin/sh\", a, 0); one();"},
    {"fexecve",
     "char* a[] = {\"x\", 0}; syscall(SYS_execveat, 1, \"\", a, 0, AT_EMPTY_PATH); one();"},
    {"mmap", "mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); one();"},
    {"mprotect",
     "void* p = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);"
     "mprotect(p, 4096, PROT_READ | PROT_EXEC); one();"},
    {"shared", "mmap(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0); one();"},
    {"grows",
     "mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0); one();"},
    {"process_vm", "process_vm_readv(1, 0, 0, 0, 0, 0); one();"},
    {"io_uring", "syscall(SYS_io_uring_setup, 1, 0); one();"},
    {"bpf", "syscall(SYS_bpf, 0, 0, 0); one();"},
    {"setrlimit", "struct rlimit l = {1, 1}; setrlimit(RLIMIT_CORE, &l); one();"},
    {"prctl", "prctl(PR_SET_DUMPABLE, 1); one();"},
    {"memfd", "syscall(SYS_memfd_create, \"x\", 0); one();"},
    {"fchmod", "fchmod(1, 0777); one();"},
    {"dup", "dup(1); one();"},
    {"fcntl", "fcntl(1, F_SETFL, O_NONBLOCK); one();"},
    {"sendmsg", "struct msghdr m = {0}; sendmsg(3, &m, 0); one();"},
    {"unshare", "unshare(CLONE_NEWUSER); one();"},
    {"setuid", "syscall(SYS_setuid, 0); one();"},
};

// What is left: each writes its finding to standard output.
constexpr Attempt kAllowed[] = {
    {"twice",
     "char* a[] = {\"x\", 0};"
     "long r = syscall(SYS_execveat, 300, \"\", a, 0, AT_EMPTY_PATH);"
     "write(1, r < 0 && errno == EBADF ? \"EBADF\" : \"reached\", r < 0 && errno == EBADF ? 5 : "
     "7);"},
    {"descriptors",
     "char c; for (int fd = 4; fd < 1024; ++fd)"
     "  if (read(fd, &c, 0) == 0 || errno != EBADF) one();"
     "write(1, \"none\", 4);"},
    {"arguments", "if (argc != 1 || environ[0] != 0) one(); write(1, \"none\", 4);"},
    {"memory",
     "size_t n = 0; while (n < 4096) {"
     "  char* p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);"
     "  if (p == MAP_FAILED) break; memset(p, 1, 1 << 20); ++n; }"
     "write(1, n < 200 ? \"limited\" : \"reached\", 7);"},
};

// The number of a case is read from the greeting's first argument.
Bytes hostile_object() {
  std::string text(kPreamble);
  text += R"(
  static unsigned char g[200000];
  recv(3, g, sizeof g, 0);
  switch (g[10]) {
)";
  char number = 'A';
  for (const Attempt& attempt : kForbidden) {
    text += "    case " + std::to_string(number++) + ": { " + attempt.code + " break; }\n";
  }
  for (const Attempt& attempt : kAllowed) {
    text += "    case " + std::to_string(number++) + ": { " + attempt.code + " break; }\n";
  }
  text += "    case 1: for (int i = 0; i < 100000; ++i) send(3, g, 1, MSG_NOSIGNAL); break;\n";
  text += "    case 2: g[0] = 5; memset(g + 1, 0, 8); for (;;) send(3, g, 9, MSG_NOSIGNAL);\n";
  text += "    case 3: raise(SIGSEGV); *(volatile int*)8 = 1; break;\n";
  text += "    case 4: send(3, g, 150000, MSG_NOSIGNAL); pause(); break;\n";
  text += "  }\n  _exit(9);\n}\n";
  const TestDirectory directory;
  directory.write("hostile.c", text);
  const std::string command = "cc -w -O1 -static-pie -fPIE -o " + directory.file("object") + " " +
                              directory.file("hostile.c");
  EXPECT_EQ(system(command.c_str()), 0);
  auto bytes = read_file(directory.file("object"), size_t{64} << 20);
  EXPECT_TRUE(bytes.ok());
  return bytes.ok() ? *bytes : Bytes();
}

TestRun run_hostile(char number) {
  static const Bytes kObject = hostile_object();
  RunOptions options;
  options.arguments = {std::string(1, number)};
  options.timeout = std::chrono::seconds(5);
  options.memory_bytes = 16 << 20;
  return run_for_test(kObject, options);
}

TEST(SandboxTest, ForbiddenCallsEndTheProcess) {
  char number = 'A';
  for (const Attempt& attempt : kForbidden) {
    const TestRun run = run_hostile(number++);
    ASSERT_TRUE(run.record.ok()) << attempt.name << ": " << run.record.error().what;
    EXPECT_EQ(run.record->outcome.kind, OutcomeKind::killed) << attempt.name;
    EXPECT_EQ(run.record->outcome.exit_status, 128U + SIGSYS) << attempt.name;
    EXPECT_EQ(run.out, "") << attempt.name;
  }
}

TEST(SandboxTest, NothingIsLeftToFind) {
  // Somebody else in our process forgot to mark it.
  const UniqueFd inheritable(dup(STDERR_FILENO));
  char number = static_cast<char>('A' + std::size(kForbidden));
  for (const char* wanted : {"EBADF", "none", "none", "limited"}) {
    const TestRun run = run_hostile(number++);
    ASSERT_TRUE(run.record.ok()) << run.record.error().what;
    EXPECT_EQ(run.record->outcome.detail, "");
    EXPECT_EQ(run.out, wanted);
  }
}

TEST(SandboxTest, BrokenProtocolEndsTheRun) {
  for (const char number : {'\1', '\2', '\4'}) {
    const TestRun run = run_hostile(number);
    ASSERT_FALSE(run.record.ok()) << static_cast<int>(number);
    EXPECT_EQ(run.record.error().code, ErrorCode::refused);
    EXPECT_THAT(run.record.error().what, testing::HasSubstr("protocol"));
  }
}

TEST(SandboxTest, ReportsASignal) {
  const TestRun run = run_hostile('\3');
  ASSERT_TRUE(run.record.ok()) << run.record.error().what;
  EXPECT_EQ(run.record->outcome.kind, OutcomeKind::killed);
}

}  // namespace
}  // namespace quoin
