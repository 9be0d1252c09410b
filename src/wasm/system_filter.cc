#include "src/wasm/system_filter.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <cerrno>
#include <memory>

#include "src/base/try.h"
#include "src/os/unique_fd.h"

namespace quoin {
namespace {

struct ReleaseContext {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

Error filter_error(int error) { return system_error("system call filter", error); }

Result<void> add(const Context& context, uint32_t action, int call) {
  const int result = seccomp_rule_add_array(context.get(), action, call, 0, nullptr);
  if (result != 0) return filter_error(-result);
  return {};
}

// The call with all of these conditions.
Result<void> add(const Context& context, uint32_t action, int call,
                 std::initializer_list<scmp_arg_cmp> conditions) {
  const int result = seccomp_rule_add_array(
      context.get(), action, call, static_cast<unsigned>(conditions.size()), std::data(conditions));
  if (result != 0) return filter_error(-result);
  return {};
}

Result<Context> make_context(uint32_t default_action) {
  Context context(seccomp_init(default_action));
  if (context == nullptr) return filter_error(ENOMEM);
  // Calls through another architecture's table are not what the rules were written for.
  const int result =
      seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  if (result != 0) return filter_error(-result);
  return context;
}

Result<SystemFilter> compiled(const Context& context) {
  const UniqueFd file = TRY(owned(memfd_create("filter", MFD_CLOEXEC), "system call filter"));
  const int result = seccomp_export_bpf(context.get(), file.get());
  if (result != 0) return filter_error(-result);
  const off_t size = lseek(file.get(), 0, SEEK_END);
  if (size <= 0) return filter_error(EIO);
  SystemFilter filter(static_cast<size_t>(size) / sizeof(sock_filter));
  if (pread(file.get(), filter.data(), static_cast<size_t>(size), 0) != size) {
    return filter_error(EIO);
  }
  return filter;
}

scmp_arg_cmp equals(unsigned argument, uint64_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }

scmp_arg_cmp without_bits(unsigned argument, uint64_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}

}  // namespace

Result<SystemFilter> guest_filter(int exec_fd) {
  const Context context = TRY(make_context(SCMP_ACT_KILL_PROCESS));
  for (const int call : {
           SCMP_SYS(read),
           SCMP_SYS(write),
           SCMP_SYS(readv),
           SCMP_SYS(writev),
           SCMP_SYS(preadv),
           SCMP_SYS(pwritev),
           SCMP_SYS(lseek),
           SCMP_SYS(close),
           SCMP_SYS(fsync),
           SCMP_SYS(fdatasync),
           SCMP_SYS(ftruncate),
           SCMP_SYS(munmap),
           SCMP_SYS(brk),
           SCMP_SYS(rt_sigaction),
           SCMP_SYS(rt_sigprocmask),
           SCMP_SYS(rt_sigreturn),
           SCMP_SYS(sigaltstack),
           SCMP_SYS(clock_gettime),
           SCMP_SYS(clock_getres),
           SCMP_SYS(clock_nanosleep),
           SCMP_SYS(getrandom),
           SCMP_SYS(sched_yield),
           SCMP_SYS(exit),
           SCMP_SYS(exit_group),
           SCMP_SYS(arch_prctl),
           SCMP_SYS(set_tid_address),
           SCMP_SYS(rseq),
           SCMP_SYS(set_robust_list),
           SCMP_SYS(restart_syscall),
       }) {
    TRY(add(context, SCMP_ACT_ALLOW, call));
  }
  // Memory is never executable, so that no code comes to be but what was compiled. Shared memory
  // and memory that grows like a stack would not count against RLIMIT_DATA.
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
          {without_bits(2, PROT_EXEC),
           {3, SCMP_CMP_MASKED_EQ, MAP_TYPE | MAP_GROWSDOWN | MAP_HUGETLB, MAP_PRIVATE}}));
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), {without_bits(2, PROT_EXEC)}));
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(mremap)));
  // Plain allocation only: no holes punched, no ranges moved.
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(fallocate), {equals(1, 0)}));
  // send and recv are sendto and recvfrom without an address.
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(sendto), {equals(4, 0)}));
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(recvfrom), {equals(4, 0)}));
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg)));
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {equals(0, 0), equals(2, 0)}));
  // The descriptor closes on exec and lies above the limit on descriptors: once is all.
  TRY(add(context, SCMP_ACT_ALLOW, SCMP_SYS(execveat),
          {equals(0, static_cast<uint64_t>(exec_fd)), equals(4, AT_EMPTY_PATH)}));
  // glibc asks for these while it starts, and lives without an answer.
  TRY(add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(readlink)));
  TRY(add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(readlinkat)));
  TRY(add(context, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl)));
  return compiled(context);
}

Result<SystemFilter> tool_filter() {
  const Context context = TRY(make_context(SCMP_ACT_ALLOW));
  for (const int call : {
           SCMP_SYS(socket),
           SCMP_SYS(socketpair),
           SCMP_SYS(connect),
           SCMP_SYS(bind),
           SCMP_SYS(setsid),
           SCMP_SYS(setpgid),
           SCMP_SYS(ptrace),
           SCMP_SYS(process_vm_readv),
           SCMP_SYS(process_vm_writev),
           SCMP_SYS(pidfd_getfd),
           SCMP_SYS(kcmp),
           SCMP_SYS(unshare),
           SCMP_SYS(setns),
           SCMP_SYS(mount),
           SCMP_SYS(umount2),
           SCMP_SYS(chroot),
           SCMP_SYS(pivot_root),
           SCMP_SYS(open_by_handle_at),
           SCMP_SYS(bpf),
           SCMP_SYS(perf_event_open),
           SCMP_SYS(io_uring_setup),
           SCMP_SYS(userfaultfd),
           SCMP_SYS(keyctl),
           SCMP_SYS(add_key),
           SCMP_SYS(request_key),
           SCMP_SYS(init_module),
           SCMP_SYS(finit_module),
           SCMP_SYS(kexec_load),
           SCMP_SYS(shmget),
           SCMP_SYS(msgget),
           SCMP_SYS(semget),
       }) {
    TRY(add(context, SCMP_ACT_ERRNO(EPERM), call));
  }
  // clone3 hides its flags behind a pointer; without it libraries use clone.
  TRY(add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3)));
  TRY(add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone),
          {{0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER}}));
  return compiled(context);
}

}  // namespace quoin
