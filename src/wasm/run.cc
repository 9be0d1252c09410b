#include "src/wasm/run.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>

#include "src/base/try.h"
#include "src/base/writer.h"
#include "src/wasm/file_broker.h"
#include "src/wasm/forward.h"
#include "src/wasm/guest/protocol.h"
#include "src/wasm/guest/wasi.h"
#include "src/wasm/request.h"
#include "src/wasm/sandbox.h"

namespace quoin {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMaxTextBytes = size_t{64} << 10;
constexpr size_t kMaxTexts = 4'096;
constexpr size_t kMaxPreopens = 16;
constexpr uint64_t kMaxPages = 65'535;
constexpr std::chrono::hours kMaxTimeout{24 * 365};

Error invalid(std::string what) { return {ErrorCode::invalid_argument, std::move(what)}; }

bool has_zero(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<void> check_texts(const RunOptions& options) {
  size_t bytes = 0;
  for (const std::string& argument : options.arguments) {
    if (has_zero(argument)) return invalid("an argument contains a zero byte");
    bytes += argument.size() + 1;
  }
  for (const auto& [name, value] : options.environment) {
    if (name.empty() || name.find('=') != std::string::npos || has_zero(name) || has_zero(value)) {
      return invalid("an environment variable that cannot be: \"" + name + "\"");
    }
    bytes += name.size() + value.size() + 2;
  }
  if (bytes > kMaxTextBytes || options.arguments.size() > kMaxTexts ||
      options.environment.size() > kMaxTexts) {
    return Error{ErrorCode::too_large, "arguments and environment take more than 64 KiB"};
  }
  return {};
}

Result<void> check(const RunOptions& options) {
  TRY(check_texts(options));
  if (options.timeout <= std::chrono::milliseconds::zero() || options.timeout > kMaxTimeout) {
    return invalid("the time limit must be more than zero and at most a year");
  }
  if (max_pages(options) < 1 || max_pages(options) > kMaxPages) {
    return invalid("the memory limit must be between 64 KiB and 4 GiB less 64 KiB");
  }
  if (options.preopens.size() > kMaxPreopens) return invalid("more than 16 directories");
  std::set<std::string_view> names;
  for (const Preopen& preopen : options.preopens) {
    if (preopen.guest_path.empty() || preopen.guest_path.size() >= QUOIN_MAX_PATH ||
        has_zero(preopen.guest_path) || has_zero(preopen.host_path)) {
      return invalid("a directory's name that cannot be: \"" + preopen.guest_path + "\"");
    }
    if (!names.insert(preopen.guest_path).second) {
      return invalid("two directories have the name " + preopen.guest_path);
    }
  }
  return {};
}

Bytes make_greeting(const RunOptions& options) {
  Writer writer;
  const auto put_text = [&](std::string_view text) {
    writer.u32le(static_cast<uint32_t>(text.size())).bytes(as_bytes(text));
  };
  writer.u32le(static_cast<uint32_t>(max_pages(options)));
  writer.u16le(static_cast<uint16_t>(options.arguments.size()));
  for (const std::string& argument : options.arguments) put_text(argument);
  writer.u16le(static_cast<uint16_t>(options.environment.size()));
  for (const auto& [name, value] : options.environment) put_text(name + "=" + value);
  writer.u8(static_cast<uint8_t>(options.preopens.size()));
  for (size_t i = 0; i < options.preopens.size(); ++i) {
    const std::string& name = options.preopens[i].guest_path;
    writer.u32le(static_cast<uint32_t>(i));
    writer.u16le(static_cast<uint16_t>(name.size())).bytes(as_bytes(name));
  }
  return writer.take();
}

std::string_view trap_name(uint8_t trap) {
  switch (trap) {
    case QUOIN_TRAP_OUT_OF_BOUNDS:
      return "out of bounds access to memory or a table";
    case QUOIN_TRAP_INTEGER_OVERFLOW:
      return "integer overflow";
    case QUOIN_TRAP_DIVISION_BY_ZERO:
      return "integer division by zero";
    case QUOIN_TRAP_INVALID_CONVERSION:
      return "conversion of a NaN to an integer";
    case QUOIN_TRAP_UNREACHABLE:
      return "unreachable code was reached";
    case QUOIN_TRAP_INDIRECT_CALL:
      return "indirect call of no function, or of one with another type";
    case QUOIN_TRAP_UNCAUGHT_EXCEPTION:
      return "uncaught exception";
    case QUOIN_TRAP_STACK_EXHAUSTED:
      return "call stack exhausted";
    default:
      return "other trap";
  }
}

// SIGPIPE belongs to the whole process; whoever calls us may not expect one. Blocked in this thread
// for as long as this lives, and taken back if it came because of us.
class BlockedSigpipe {
 public:
  BlockedSigpipe() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  ~BlockedSigpipe() {
    const timespec at_once{};
    while (!was_pending_ && sigtimedwait(&sigpipe_, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BlockedSigpipe(const BlockedSigpipe&) = delete;
  BlockedSigpipe& operator=(const BlockedSigpipe&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

// One run: the loop between the guest, its streams and the clock.
class Run {
 public:
  Run(const RunOptions& options, Sandbox sandbox, FileBroker files)
      : options_(options),
        deadline_(Clock::now() + options.timeout),
        child_(std::move(sandbox.child)),
        broker_(std::move(sandbox.broker)),
        out_(std::move(sandbox.out), options.stdout_fd),
        err_(std::move(sandbox.err), options.stderr_fd),
        files_(std::move(files)),
        message_(QUOIN_MAX_MESSAGE) {}

  Result<RunRecord> finish();

 private:
  // What the guest waits for on standard input.
  struct StdinWait {
    uint32_t max_bytes = 0;  // 0: it only wants to know
    std::optional<Clock::time_point> until;
  };

  Result<void> loop();
  Result<void> turn();
  int milliseconds_to_wait() const;

  Result<void> take_requests();
  Result<void> take_request();
  Result<void> serve(const ExitReport& report);
  Result<void> serve(const TrapReport& report);
  Result<void> serve(const GiveUpReport& report);
  Result<void> serve(const ReadStdinRequest& request);
  Result<void> serve(const WaitStdinRequest& request);
  Result<void> serve(const FileRequest& request);
  Result<void> answer_stdin(bool ready);
  Result<void> answer(const Answer& answer);

  Result<void> forward(Forwarder& stream, short readable, short writable);
  Result<void> child_ended();
  // Ends the guest from outside.
  void end(OutcomeKind kind, std::string detail);

  const RunOptions& options_;
  const Clock::time_point deadline_;
  Child child_;
  UniqueFd broker_;
  Forwarder out_;
  Forwarder err_;
  FileBroker files_;
  Bytes message_;
  std::optional<StdinWait> stdin_wait_;
  Sha256 stdin_hash_;
  uint64_t stdin_size_ = 0;
  uint64_t output_size_ = 0;
  bool child_runs_ = true;
  bool stop_ = false;
  std::optional<Outcome> outcome_;
};

int Run::milliseconds_to_wait() const {
  Clock::time_point until = deadline_;
  if (stdin_wait_.has_value() && stdin_wait_->until.has_value()) {
    until = std::min(until, *stdin_wait_->until);
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

Result<void> Run::loop() {
  while (!stop_ && (child_runs_ || !out_.finished() || !err_.finished())) {
    if (Clock::now() >= deadline_) {
      end(OutcomeKind::timed_out, "it took longer than it may");
      stop_ = true;
      break;
    }
    auto result = turn();
    if (result.ok()) continue;
    if (result.error().code != ErrorCode::timed_out) return result;
    end(OutcomeKind::timed_out, result.error().what);
    stop_ = true;
  }
  return {};
}

Result<void> Run::turn() {
  const bool wants_stdin = stdin_wait_.has_value();
  // While the guest waits for an answer it has nothing to ask.
  std::array<pollfd, 7> waiting = {{{child_runs_ ? child_.pidfd() : -1, POLLIN, 0},
                                    {child_runs_ && !wants_stdin ? broker_.get() : -1, POLLIN, 0},
                                    {wants_stdin ? options_.stdin_fd : -1, POLLIN, 0},
                                    {out_.readable(), POLLIN, 0},
                                    {out_.writable(), POLLOUT, 0},
                                    {err_.readable(), POLLIN, 0},
                                    {err_.writable(), POLLOUT, 0}}};
  if (poll(waiting.data(), waiting.size(), milliseconds_to_wait()) < 0) {
    if (errno == EINTR) return {};
    return system_error("poll", errno);
  }
  TRY(forward(out_, waiting[3].revents, waiting[4].revents));
  TRY(forward(err_, waiting[5].revents, waiting[6].revents));
  if (wants_stdin && waiting[2].revents != 0) TRY(answer_stdin(true));
  if (stdin_wait_.has_value() && stdin_wait_->until.has_value() &&
      Clock::now() >= *stdin_wait_->until) {
    TRY(answer_stdin(false));
  }
  if (waiting[1].revents != 0) TRY(take_request());
  if (waiting[0].revents != 0) TRY(child_ended());
  return {};
}

Result<void> Run::forward(Forwarder& stream, short readable, short writable) {
  if (writable != 0 && !TRY(stream.hand_on())) {
    end(OutcomeKind::output_closed, "whoever read its output went away");
    stop_ = true;
    return {};
  }
  // The other stream may have reached the limit since poll, which closes both.
  if (readable == 0 || stream.readable() < 0) return {};
  const uint64_t allowed = options_.max_output_bytes - output_size_;
  const uint64_t taken = TRY(stream.take(allowed));
  output_size_ += std::min(taken, allowed);
  if (taken > allowed) {
    end(OutcomeKind::output_limit,
        "it wrote more than " + std::to_string(options_.max_output_bytes) + " bytes");
    out_.close_source();
    err_.close_source();
  }
  return {};
}

Result<void> Run::child_ended() {
  const int status = child_.wait();
  child_runs_ = false;
  stdin_wait_.reset();
  // What it said last may still be in the socket.
  TRY(take_requests());
  if (outcome_.has_value()) return {};
  Outcome outcome;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* name = sigabbrev_np(signal);
    outcome.kind = OutcomeKind::killed;
    outcome.exit_status = 128 + static_cast<uint32_t>(signal);
    outcome.detail = std::string("killed by SIG") + (name != nullptr ? name : "?");
    if (signal == SIGSYS) outcome.detail += ": a system call that the sandbox does not allow";
  } else {
    outcome.exit_status = static_cast<uint32_t>(WEXITSTATUS(status));
  }
  outcome_ = outcome;
  return {};
}

void Run::end(OutcomeKind kind, std::string detail) {
  outcome_ = Outcome{kind, 0, std::move(detail)};
  if (child_runs_) {
    child_.kill_group();
    child_.wait();
    child_runs_ = false;
    stdin_wait_.reset();
  }
}

Result<void> Run::take_requests() {
  while (broker_.valid() && !outcome_.has_value()) TRY(take_request());
  return {};
}

Result<void> Run::take_request() {
  // Without room for control data the kernel drops descriptors that a guest might send.
  const ssize_t got =
      recv(broker_.get(), message_.data(), message_.size(), MSG_DONTWAIT | MSG_TRUNC);
  if (got < 0 && (errno == EINTR || (errno == EAGAIN && child_runs_))) return {};
  if (got <= 0) {
    broker_.reset();
    return {};
  }
  if (static_cast<size_t>(got) > message_.size()) {
    return Error{ErrorCode::refused, "the program broke the sandbox's protocol"};
  }
  auto request = parse_request(ByteView(message_).first(static_cast<size_t>(got)));
  if (!request.ok()) {
    return Error{ErrorCode::refused,
                 "the program broke the sandbox's protocol: " + request.error().what};
  }
  return std::visit([&](const auto& one) { return serve(one); }, *request);
}

Result<void> Run::serve(const ExitReport& report) {
  outcome_ = Outcome{OutcomeKind::exited, report.status, {}};
  return {};
}

Result<void> Run::serve(const TrapReport& report) {
  outcome_ = Outcome{OutcomeKind::trapped, 134, std::string(trap_name(report.trap))};
  return {};
}

Result<void> Run::serve(const GiveUpReport& report) {
  if (report.reason == QUOIN_GIVE_UP_MEMORY) {
    return Error{ErrorCode::refused, "the program needs more memory to start than it may have (" +
                                         std::to_string(options_.memory_bytes) + " bytes)"};
  }
  return Error{ErrorCode::refused, "the program could not be set up in the sandbox"};
}

Result<void> Run::serve(const ReadStdinRequest& request) {
  if (!child_runs_) return {};
  if (options_.stdin_fd < 0 || request.max_bytes == 0) return answer({});
  stdin_wait_ = StdinWait{request.max_bytes, std::nullopt};
  return {};
}

Result<void> Run::serve(const WaitStdinRequest& request) {
  if (!child_runs_) return {};
  stdin_wait_ = StdinWait{};
  if (options_.stdin_fd < 0) return answer_stdin(true);
  // Longer than the deadline is as good as for ever.
  const auto most = std::chrono::nanoseconds(kMaxTimeout);
  if (request.nanoseconds < static_cast<uint64_t>(most.count())) {
    stdin_wait_->until = Clock::now() + std::chrono::nanoseconds(request.nanoseconds);
  }
  return {};
}

Result<void> Run::serve(const FileRequest& request) {
  return answer(TRY(files_.handle(request, deadline_)));
}

Result<void> Run::answer_stdin(bool ready) {
  const uint32_t max_bytes = stdin_wait_->max_bytes;
  if (max_bytes == 0) {
    stdin_wait_.reset();
    return answer({.payload = {static_cast<uint8_t>(ready ? 1 : 0)}});
  }
  Answer reply{.payload = Bytes(max_bytes)};
  const ssize_t got = read(options_.stdin_fd, reply.payload.data(), max_bytes);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  if (got < 0) reply.error = wasi_errno(errno);
  reply.payload.resize(got < 0 ? 0 : static_cast<size_t>(got));
  stdin_hash_.update(reply.payload);
  stdin_size_ += reply.payload.size();
  stdin_wait_.reset();
  return answer(reply);
}

Result<void> Run::answer(const Answer& answer) {
  if (!child_runs_) return {};
  Writer writer;
  writer.u16le(answer.error).bytes(answer.payload);
  Bytes bytes = writer.take();
  iovec part{bytes.data(), bytes.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (answer.fd >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &answer.fd, sizeof(int));
  }
  if (sendmsg(broker_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return {};
  // It died meanwhile: that is for pidfd to say.
  if (errno == EPIPE || errno == ECONNRESET) return {};
  if (errno == EAGAIN) {
    return Error{ErrorCode::refused,
                 "the program broke the sandbox's protocol: it asks and does not listen"};
  }
  return system_error("answering the program", errno);
}

Result<RunRecord> Run::finish() {
  TRY(loop());
  RunRecord record;
  record.outcome = outcome_.value_or(Outcome{});
  record.stdin_digest = {stdin_hash_.finish(), stdin_size_};
  record.stdout_digest = out_.digest();
  record.stderr_digest = err_.digest();
  // As much time again for what the program left behind.
  TRY(files_.finish(record, Clock::now() + options_.timeout));
  return record;
}

}  // namespace

std::string_view to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::exited:
      return "exited";
    case OutcomeKind::trapped:
      return "trapped";
    case OutcomeKind::killed:
      return "killed";
    case OutcomeKind::timed_out:
      return "timed_out";
    case OutcomeKind::output_limit:
      return "output_limit";
    case OutcomeKind::output_closed:
      return "output_closed";
  }
  return "?";
}

Result<RunRecord> run_object(ByteView native_object, const RunOptions& options) {
  TRY(check(options));
  const BlockedSigpipe no_sigpipe;
  FileBroker files = TRY(FileBroker::open(options.preopens));
  Sandbox sandbox = TRY(start_sandbox(native_object, make_greeting(options), options));
  auto record = Run(options, std::move(sandbox), std::move(files)).finish();
  if (record.ok()) return record;
  // Too many files, or more than can be hashed in time: that is the program's own doing.
  Error error = std::move(record).error();
  if (error.code == ErrorCode::too_large || error.code == ErrorCode::timed_out) {
    error.code = ErrorCode::refused;
  }
  return error;
}

}  // namespace quoin
