#include "src/td/runtime_journal.h"

#include <optional>
#include <utility>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"
#include "src/td/runtime_log.h"

namespace quoin::td {
namespace {

constexpr std::string_view kHeader = "quoin-runtime-log 1 ";

Error damaged(size_t line, std::string_view what) {
  return malformed("runtime log, line " + std::to_string(line) + ": " + std::string(what));
}

// The entry of an event, without a line break. Its name has no character that JSON would escape.
std::string entry_json(const RuntimeEvent& event) {
  return R"({"imr":3,"event_type":)" + std::to_string(kRuntimeEventType) + R"(,"digest":")" +
         to_hex(runtime_event_digest(event)) + R"(","event":")" + event.name +
         R"(","event_payload":")" + to_hex(event.payload) + R"("})";
}

// The event of an entry that fills its line. There is one reader for entries, wherever they stand.
Result<RuntimeEvent> read_entry(std::string_view line) {
  const std::string array = "[" + std::string(line) + "]";
  const RuntimeEventLog log = TRY(RuntimeEventLog::parse(as_bytes(array)));
  if (log.events().size() != 1) return malformed("runtime log: a line is not one event of RTMR3");
  return log.events().front();
}

// The next whole line, without its break, which is taken off the text.
std::optional<std::string_view> next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string to_json(const RuntimeEventLog& log) {
  std::string text = "[";
  for (const RuntimeEvent& event : log.events()) {
    text.append(text.size() == 1 ? "\n" : ",\n").append(entry_json(event));
  }
  return text.append("\n]\n");
}

Result<Journal> parse_journal(std::string_view text) {
  if (text.size() > kMaxJournalBytes) return too_large("runtime log: it has more than 4 MiB");
  Journal journal;
  std::string_view rest = text;
  const std::optional<std::string_view> header = next_line(rest);
  if (!header) return journal;
  if (!header->starts_with(kHeader)) return damaged(1, "not the header of a runtime log");
  journal.boot_id = header->substr(kHeader.size());

  size_t number = 1;
  while (const std::optional<std::string_view> line = next_line(rest)) {
    ++number;
    const bool is_done = *line == kJournalDone.substr(0, kJournalDone.size() - 1);
    if (is_done != journal.last_is_open) {
      return damaged(number, is_done ? "nothing was begun" : "the event before it is not done");
    }
    if (!is_done) journal.events.push_back(TRY(read_entry(*line)));
    journal.last_is_open = !is_done;
  }
  journal.size = text.size() - rest.size();
  return journal;
}

std::string journal_header(std::string_view boot_id) {
  return std::string(kHeader).append(boot_id).append("\n");
}

std::string journal_entry(const RuntimeEvent& event) { return entry_json(event) + "\n"; }

}  // namespace quoin::td
