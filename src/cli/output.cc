#include "src/cli/output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "src/cli/printable.h"
#include "src/os/deadline.h"
#include "src/os/io.h"
#include "src/os/unique_fd.h"

namespace quoin::cli {
namespace {

constexpr std::string_view kReset = "\033[0m";
constexpr std::string_view kClearLine = "\r\033[K";

std::string_view escape_of(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::strong:
      return "\033[1m";
    case Style::faint:
      return "\033[2m";
    case Style::good:
      return "\033[1;32m";
    case Style::bad:
      return "\033[1;31m";
    case Style::warning:
      return "\033[1;33m";
  }
  return "";
}

// Writes everything, or returns the errno of what went wrong.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

std::string styled(Style style, std::string_view text, bool colour) {
  if (!colour || style == Style::plain) return std::string(text);
  return std::string(escape_of(style)).append(text).append(kReset);
}

bool shows_colour(bool is_terminal, const char* no_color, const char* term) {
  if (!is_terminal) return false;
  if (no_color != nullptr && *no_color != '\0') return false;
  return term == nullptr || std::string_view(term) != "dumb";
}

Output::Output(int stdout_fd, int stderr_fd)
    : stdout_fd_(stdout_fd),
      stderr_fd_(stderr_fd),
      stdout_colour_(
          shows_colour(isatty(stdout_fd) == 1, std::getenv("NO_COLOR"), std::getenv("TERM"))),
      stderr_colour_(
          shows_colour(isatty(stderr_fd) == 1, std::getenv("NO_COLOR"), std::getenv("TERM"))),
      stderr_terminal_(isatty(stderr_fd) == 1) {}

Output::~Output() { end_progress(); }

void Output::data(std::string_view text) {
  end_progress();
  if (closed_ || failed_) return;
  const int error_number = write_all(stdout_fd_, text);
  if (error_number == 0) return;
  if (error_number == EPIPE) {
    closed_ = true;
    return;
  }
  failed_ = true;
  error({ErrorCode::io,
         std::string("cannot write to standard output: ") + std::strerror(error_number)});
}

Result<void> Output::record(std::string_view line) {
  const int error_number = write_all(stdout_fd_, (torn_ ? "\n" : "") + std::string(line));
  torn_ = error_number != 0;
  if (torn_) return system_error("standard output", error_number);
  return {};
}

void Output::error(const Error& error) {
  line(styled(Style::bad, "error:", stderr_colour_) + " " + printable(error.what));
  if (error.hint.empty()) return;
  line(styled(Style::strong, "hint:", stderr_colour_) + " " + printable(error.hint));
}

void Output::notice(std::string_view text) { line(printable(text)); }

void Output::warning(std::string_view text) {
  line(styled(Style::warning, printable(text), stderr_colour_));
}

void Output::status(std::string_view json) {
  end_progress();
  write_all(stderr_fd_, std::string(json).append("\n"));
}

void Output::progress(std::string_view text) {
  if (!stderr_terminal_) return;
  end_progress();
  write_all(stderr_fd_, "quoin: " + printable(text) + " ...");
  progress_shown_ = true;
}

void Output::line(std::string_view text) {
  end_progress();
  std::string whole = std::string("quoin: ").append(text);
  if (turn_ == nullptr) {
    write_all(stderr_fd_, whole.append("\n"));
    return;
  }
  whole.resize(std::min<size_t>(whole.size(), PIPE_BUF - 1));
  const std::scoped_lock lock(*turn_);
  if (wait_for(stderr_fd_, POLLOUT, deadline_after({}), "standard error").ok()) {
    write_all(stderr_fd_, whole.append("\n"));
  }
}

void Output::end_progress() {
  if (!progress_shown_) return;
  write_all(stderr_fd_, kClearLine);
  progress_shown_ = false;
}

}  // namespace quoin::cli
