// The one place that writes to standard output and standard error. Standard output is data only;
// everything else (errors, notices, progress) goes to standard error. Colour and progress are for
// terminals.

#ifndef QUOIN_SRC_CLI_OUTPUT_H_
#define QUOIN_SRC_CLI_OUTPUT_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "quoin/result.h"

namespace quoin::cli {

enum class Style : uint8_t { plain, strong, faint, good, bad, warning };

// `text` in that style, for a stream that shows colour; else as it is.
std::string styled(Style style, std::string_view text, bool colour);

// Whether a stream shows colour. `no_color` and `term` are those environment variables, null where
// they are not set (no-color.org).
bool shows_colour(bool is_terminal, const char* no_color, const char* term);

// Not thread-safe, but error(), notice() and warning() of one that shows no progress. Borrows the
// file descriptors.
class Output {
 public:
  // Looks at the environment (NO_COLOR, TERM) and at what the descriptors are.
  Output(int stdout_fd, int stderr_fd);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // From now on a line on standard error is dropped where that does not take it at once, and cut
  // where it is longer than a pipe takes at once. `turn` is held for each: by whoever else writes
  // to what may be the same pipe, too. Borrowed.
  void never_waits(std::mutex& turn) { turn_ = &turn; }

  // Whether standard output shows colour.
  bool colour() const { return stdout_colour_; }
  // Whether somebody watches standard error.
  bool watched() const { return stderr_terminal_; }

  // Writes to standard output, at once. When whoever reads it has gone away, what comes is dropped
  // in silence; any other failure is told on standard error once, and by failed().
  void data(std::string_view text);
  bool failed() const { return failed_; }
  // Writes a line of a record to standard output, with its line break, and fails with io where that
  // cannot be done, whatever the reason. The next is tried again, on a line of its own. Not to be
  // used together with data().
  Result<void> record(std::string_view line);

  // "quoin: error: ...", and "quoin: hint: ..." when there is one. What is printed of `error` is
  // made printable.
  void error(const Error& error);
  // "quoin: ...", printable.
  void notice(std::string_view text);
  // The same with a word in colour in front: for what nobody may overlook.
  void warning(std::string_view text);
  // A line of JSON for programs, where standard output is somebody else's data.
  void status(std::string_view json);
  // On a terminal: a line that the next one overwrites. Nothing elsewhere.
  void progress(std::string_view text);
  // Takes that line away, before somebody else writes to the terminal.
  void end_progress();

 private:
  void line(std::string_view text);

  int stdout_fd_;
  int stderr_fd_;
  bool stdout_colour_;
  bool stderr_colour_;
  bool stderr_terminal_;
  bool closed_ = false;  // the reader of standard output has gone away
  bool failed_ = false;
  bool torn_ = false;  // the last line of the record may be there in part
  bool progress_shown_ = false;
  std::mutex* turn_ = nullptr;
};

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_OUTPUT_H_
