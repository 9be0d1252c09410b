#include "src/cli/event_log_file.h"

#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/cli/named_files.h"
#include "src/cli/recognise.h"

namespace quoin::cli {
namespace {

bool is_json(ByteView contents) {
  const std::string_view text = as_text(contents);
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

Result<void> check_table(ByteView table, ByteView log) {
  const CcelTable read = TRY(parse_ccel_table(table));
  return read.check_area(log);
}

}  // namespace

Result<CcEventLog> parse_cc_event_log(ByteView contents) {
  if (is_json(contents)) return CcEventLog::parse_json(contents);
  const Result<Recognised> recognised = recognise(contents);
  // What is not known for a log is read as one all the same: that says what is wrong with it.
  const bool is_log = recognised.ok() && recognised->kind == ContentKind::event_log;
  return CcEventLog::parse(is_log ? ByteView(recognised->bytes) : contents);
}

Result<CcEventLog> read_cc_event_log(Inputs& inputs, const Arguments& arguments) {
  const std::string_view path = TRY(arguments.only_positional("LOG"));
  const Bytes file = TRY(read_named(inputs, path));
  if (const std::optional<std::string_view> table_path = arguments.get("--table")) {
    const Bytes table = TRY(read_named(inputs, *table_path));
    if (const Result<void> fits = check_table(table, file); !fits.ok()) {
      return in_file(*table_path, fits.error());
    }
  }
  Result<CcEventLog> log = parse_cc_event_log(file);
  if (!log.ok()) return in_file(path, log.error());
  return log;
}

}  // namespace quoin::cli
