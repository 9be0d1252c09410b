#include "src/wasm/tool.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "src/base/text.h"
#include "src/base/try.h"
#include "src/wasm/landlock.h"
#include "src/wasm/spawn.h"

namespace quoin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr rlim_t kToolMemory = rlim_t{2} << 30;
constexpr rlim_t kToolFileBytes = rlim_t{256} << 20;
constexpr rlim_t kToolProcesses = 256;
constexpr size_t kMaxToolText = size_t{64} << 10;

// Standard output or standard error of a tool: its beginning is kept, the rest is dropped.
struct Stream {
  UniqueFd fd;
  std::string text;

  void take() {
    std::array<char, 4096> buffer;
    const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (size <= 0) {
      fd.reset();
      return;
    }
    const size_t room = kMaxToolText - text.size();
    text.append(buffer.data(), std::min(static_cast<size_t>(size), room));
  }
};

struct Pipe {
  UniqueFd out;  // to read from
  UniqueFd in;   // to write to
};

Result<Pipe> make_pipe() {
  std::array<int, 2> fds{};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

Result<UniqueFd> tool_landlock(const ToolRun& run) {
  std::vector<LandlockRule> rules = {{"/usr"},
                                     {"/lib"},
                                     {"/lib64"},
                                     {"/bin"},
                                     {"/etc/ld.so.cache"},
                                     {"/etc/alternatives"},
                                     {"/dev/null", true},
                                     {run.program}};
  if (!run.directory.empty()) rules.push_back({run.directory, true});
  for (const std::string& path : run.readable) rules.push_back({path});
  return make_landlock_ruleset(rules);
}

// Drops what is left in the streams once the child has ended: a grandchild that holds on to them is
// killed with the group.
Result<int> watch(Child& child, std::array<Stream, 2>& streams, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) {
      child.kill_group();
      child.wait();
      return Error{ErrorCode::refused, "took too long"};
    }
    std::array<pollfd, 3> waiting = {{{streams[0].fd.get(), POLLIN, 0},
                                      {streams[1].fd.get(), POLLIN, 0},
                                      {child.pidfd(), POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), static_cast<int>(std::min<int64_t>(left, 1'000'000))) <
        0) {
      if (errno == EINTR) continue;
      return system_error("poll", errno);
    }
    bool any_text = false;
    for (size_t i = 0; i < streams.size(); ++i) {
      if ((waiting[i].revents & POLLIN) != 0) any_text = true;
      if (waiting[i].revents != 0) streams[i].take();
    }
    if (waiting[2].revents != 0 && !any_text) return child.wait();
  }
}

}  // namespace

std::string first_lines(std::string_view text, size_t max_lines) {
  constexpr size_t kMaxLine = 200;
  std::string result;
  for (size_t line = 0; line < max_lines && !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (!result.empty()) result += '\n';
    result += shown(text.substr(0, end), kMaxLine);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

Result<std::string> run_tool(const ToolRun& run) {
  const std::string name = run.program.substr(run.program.rfind('/') + 1);
  if (access(run.program.c_str(), X_OK) != 0) return system_error(run.program, errno);

  static const Result<SystemFilter> filter = tool_filter();
  if (!filter.ok()) return filter.error();
  const UniqueFd ruleset = TRY(tool_landlock(run));
  const UniqueFd null = TRY(owned(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null"));
  Pipe out = TRY(make_pipe());
  Pipe err = TRY(make_pipe());

  SpawnPlan plan;
  plan.fds = {null.get(), out.in.get(), err.in.get()};
  plan.program = run.program;
  plan.arguments = {run.program};
  plan.arguments.insert(plan.arguments.end(), run.arguments.begin(), run.arguments.end());
  // Nothing of ours gets in; the epoch is for compilers that would write down the time.
  plan.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TMPDIR=.", "SOURCE_DATE_EPOCH=0"};
  plan.directory = run.directory.empty() ? "/" : run.directory;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(run.timeout).count();
  plan.limits = {{RLIMIT_AS, kToolMemory},
                 {RLIMIT_FSIZE, kToolFileBytes},
                 {RLIMIT_CPU, static_cast<rlim_t>(seconds) + 1}};
  // As root the limit is nobody's alone; as a user it would count the user's own processes.
  if (geteuid() == 0) plan.limits.emplace_back(RLIMIT_NPROC, kToolProcesses);
  plan.filter = &*filter;
  plan.landlock = ruleset.get();

  Child child = TRY(spawn(plan));
  out.in.reset();
  err.in.reset();
  std::array<Stream, 2> streams = {Stream{std::move(out.out), {}}, Stream{std::move(err.out), {}}};
  auto watched = watch(child, streams, Clock::now() + run.timeout);
  if (!watched.ok()) {
    Error error = std::move(watched).error();
    error.what = name + ": " + error.what;
    return error;
  }
  if (*watched == 0) return std::move(streams[0].text);
  std::string what = name + ": ";
  if (WIFSIGNALED(*watched)) {
    what += "crashed (signal " + std::to_string(WTERMSIG(*watched)) + ")";
  } else {
    what += "ended with " + std::to_string(WEXITSTATUS(*watched));
  }
  const std::string lines = first_lines(streams[1].text, 5);
  return Error{ErrorCode::refused, lines.empty() ? what : what + ": " + lines};
}

}  // namespace quoin
