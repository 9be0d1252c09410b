#include "src/cli/html_target.h"

#include <string>
#include <utility>

#include "src/cli/exit_status.h"

namespace quoin::cli {

Result<HtmlTarget> HtmlTarget::open(const Arguments& arguments) {
  HtmlTarget target;
  const auto path = arguments.get("--html");
  if (!path) return target;
  if (*path == "-") {
    if (arguments.has("--json")) {
      return usage_error("--json and --html - both want standard output",
                         "name a file for the page");
    }
    target.is_standard_output_ = true;
    return target;
  }
  Result<OutputFile> file = OutputFile::open(std::string(*path));
  if (!file.ok()) return usage_error(file.error().what, file.error().hint);
  target.file_.emplace(std::move(*file));
  return target;
}

int HtmlTarget::write(std::string_view page, int exit_status, Output& output) const {
  if (is_standard_output_) output.data(page);
  if (!file_) return exit_status;
  const Result<void> written = file_->write(as_bytes(page));
  if (written.ok()) return exit_status;
  output.error(written.error());
  return exit_status == kExitOk ? kExitOutput : exit_status;
}

}  // namespace quoin::cli
