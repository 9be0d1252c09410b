#include "src/cli/channel_pipe.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

#include "src/base/try.h"
#include "src/cli/channel_status.h"
#include "src/cli/exit_status.h"
#include "src/cli/system.h"

namespace quoin::cli {
namespace {

constexpr size_t kChunkBytes = size_t{16} << 10;
constexpr std::chrono::milliseconds kAtOnce{0};
// For the few bytes that say that nothing more comes.
constexpr std::chrono::milliseconds kFinishTimeout = std::chrono::seconds(10);

Error system_error(const std::string& what) {
  return {ErrorCode::io, what + ": " + std::generic_category().message(errno)};
}

Result<void> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write what the peer sent");
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return {};
}

class Pipe {
 public:
  Pipe(AttestedChannel& channel, int input, int output)
      : channel_(channel), input_(input), output_(output) {}

  Result<void> run() {
    while (input_open_ || peer_open_ || !waiting_.empty()) {
      if (!channel_.has_unread()) TRY(wait());
      TRY(read_input());
      TRY(write_channel());
      TRY(read_channel());
      if (!peer_open_ && gone()) return {};
    }
    return {};
  }

 private:
  pollfd& input_poll() { return polled_[0]; }
  pollfd& socket_poll() { return polled_[1]; }

  // The peer has said that nothing more comes, and has closed its socket besides: nobody reads.
  bool gone() { return (socket_poll().revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0; }

  Result<void> wait() {
    // A negative descriptor is not looked at.
    const bool wants_input = input_open_ && waiting_.empty();
    input_poll() = {.fd = wants_input ? input_ : -1, .events = POLLIN, .revents = 0};
    const int events = (peer_open_ ? POLLIN : POLLRDHUP) | (waiting_.empty() ? 0 : POLLOUT);
    socket_poll() = {.fd = channel_.socket(), .events = static_cast<short>(events), .revents = 0};
    if (poll(polled_.data(), polled_.size(), -1) < 0 && errno != EINTR) return system_error("poll");
    return {};
  }

  Result<void> read_input() {
    if (input_poll().revents == 0) return {};
    input_poll().revents = 0;
    waiting_.resize(kChunkBytes);
    const ssize_t count = read(input_, waiting_.data(), waiting_.size());
    const bool again = count < 0 && (errno == EINTR || errno == EAGAIN);
    waiting_.resize(count > 0 ? static_cast<size_t>(count) : 0);
    if (count > 0 || again) return {};
    if (count < 0) return system_error("cannot read standard input");
    input_open_ = false;
    return channel_.finish(kFinishTimeout);
  }

  Result<void> write_channel() {
    if (waiting_.empty()) return {};
    const Result<size_t> count = channel_.write_some(waiting_, kAtOnce);
    if (!count.ok()) return unless_timed_out(count.error());
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(*count));
    return {};
  }

  Result<void> read_channel() {
    if (!peer_open_) return {};
    const Result<size_t> count = channel_.read(buffer_, kAtOnce);
    if (!count.ok()) return unless_timed_out(count.error());
    if (*count == 0) peer_open_ = false;
    return write_all(output_, std::span(buffer_).first(*count));
  }

  static Result<void> unless_timed_out(const Error& error) {
    if (error.code == ErrorCode::timed_out) return {};
    return error;
  }

  AttestedChannel& channel_;
  const int input_;
  const int output_;
  bool input_open_ = true;
  bool peer_open_ = true;
  Bytes waiting_;  // of the input, for the peer
  Bytes buffer_ = Bytes(kChunkBytes);
  std::array<pollfd, 2> polled_{};
};

}  // namespace

Result<void> pipe_channel(AttestedChannel& channel, int input, int output) {
  return Pipe(channel, input, output).run();
}

int use_channel(Result<AttestedChannel>& channel, const PeerAppraisal& peer,
                const ChannelTelling& telling, Output& output) {
  const Error* const error = channel.ok() ? nullptr : &channel.error();
  const Result<void> written = telling.log.write(channel_event(peer, error, telling.role, now()));
  if (!written.ok()) {
    output.error(written.error());
    return kExitRefused;
  }
  print_channel_status(peer, error, telling.json, output);
  if (!channel.ok()) {
    const bool no_collateral = channel.error().code == ErrorCode::not_found && !peer.verdict &&
                               !peer.evidence.quote.empty();
    return no_collateral ? kExitCollateralMissing : kExitRefused;
  }
  const Result<void> piped = pipe_channel(*channel, STDIN_FILENO, STDOUT_FILENO);
  if (piped.ok()) return kExitOk;
  output.error(piped.error());
  return kExitRefused;
}

}  // namespace quoin::cli
