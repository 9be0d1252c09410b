#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string_view>
#include <vector>

#include "src/cli/commands.h"
#include "src/cli/exit_status.h"
#include "src/cli/output.h"

namespace {

// Ours do not throw; what still does (no memory) must not look like an answer.
[[noreturn]] void report_bug() {
  constexpr std::string_view kText = "quoin: error: a bug of ours ended quoin; please report it\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
  _exit(quoin::cli::kExitBug);
}

// Whoever starts us may have closed a standard stream. What is opened next would take its number,
// and be read or written as if it were that stream.
void open_standard_streams() {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = dup(fd)) {
    if (fd <= STDERR_FILENO) continue;
    close(fd);
    return;
  }
  _exit(quoin::cli::kExitBug);
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(report_bug);
  open_standard_streams();
  // Whoever reads our output may stop: writing then fails, and the exit status still tells.
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  quoin::cli::Output output(STDOUT_FILENO, STDERR_FILENO);
  const int status = quoin::cli::run_command_line(words, output);
  // An answer that could not be written is no answer, unless it was a refusal.
  return status == quoin::cli::kExitOk && output.failed() ? quoin::cli::kExitOutput : status;
}
