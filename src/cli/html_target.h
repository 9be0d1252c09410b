// Where the page goes that `quoin verify --html` asks for.

#ifndef QUOIN_SRC_CLI_HTML_TARGET_H_
#define QUOIN_SRC_CLI_HTML_TARGET_H_

#include <optional>
#include <string_view>

#include "quoin/result.h"
#include "src/cli/arguments.h"
#include "src/cli/files.h"
#include "src/cli/output.h"

namespace quoin::cli {

// A file, standard output, or nowhere. Not thread-safe.
class HtmlTarget {
 public:
  // Looks at --html, before anything is verified. Fails with invalid_argument when the file could
  // not be written, or when standard output is asked for twice.
  static Result<HtmlTarget> open(const Arguments& arguments);

  bool is_wanted() const { return is_standard_output_ || file_.has_value(); }
  bool is_standard_output() const { return is_standard_output_; }

  // Writes the page if it is wanted; a file all or nothing. Returns the exit status of a command
  // that ends with `exit_status` otherwise: an answer that could not be written is no answer,
  // unless it was a refusal.
  int write(std::string_view page, int exit_status, Output& output) const;

 private:
  HtmlTarget() = default;

  bool is_standard_output_ = false;
  std::optional<OutputFile> file_;
};

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_HTML_TARGET_H_
