// The journal of runtime events: what is read is a journal that is read as the same, events and
// all, when it is written again, and reading less of it never shows more events.

#include "src/td/runtime_journal.h"

#include <cstdint>
#include <string>

#include "fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace quoin;
  using fuzz::require;
  const std::string_view text = as_text({data, size});
  const auto journal = td::parse_journal(text);
  if (!journal.ok()) return 0;
  require(journal->size <= size);
  require(!journal->last_is_open || !journal->events.empty());
  if (journal->boot_id.empty() && journal->events.empty()) return 0;

  std::string again = td::journal_header(journal->boot_id);
  for (const RuntimeEvent& event : journal->events) {
    again.append(td::journal_entry(event)).append(td::kJournalDone);
  }
  if (journal->last_is_open) again.resize(again.size() - td::kJournalDone.size());
  const auto same = td::parse_journal(again);
  // What is written has every member, and may so be longer than what is read.
  if (again.size() > td::kMaxJournalBytes) return 0;
  require(same.ok());
  require(same->boot_id == journal->boot_id && same->last_is_open == journal->last_is_open);
  require(same->size == again.size() && same->events.size() == journal->events.size());
  for (size_t i = 0; i < same->events.size(); ++i) {
    require(same->events[i].name == journal->events[i].name);
    require(same->events[i].payload == journal->events[i].payload);
  }

  const auto shorter = td::parse_journal(text.substr(0, size / 2));
  require(!shorter.ok() || shorter->events.size() <= journal->events.size());
  return 0;
}
