// The file behind the log of runtime events: what it says, and how it is changed.

#ifndef QUOIN_SRC_TD_RUNTIME_JOURNAL_H_
#define QUOIN_SRC_TD_RUNTIME_JOURNAL_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/eventlog.h"
#include "quoin/result.h"

namespace quoin::td {

// A text of lines, each ended by a line break:
//
//   quoin-runtime-log 1 BOOT_ID
//   {"imr":3,...}                 an event, as an entry of the event log's JSON
//   done                          RTMR3 has been extended with it
//
// Only the last event may lack its "done". What stands behind the last line break was being written
// when somebody was killed: it does not count.

// The most that a journal takes. The JSON that is made of it is smaller, and
// RuntimeEventLog::parse() reads no more.
inline constexpr size_t kMaxJournalBytes = size_t{4} << 20;

// What a journal says.
struct Journal {
  std::string boot_id;
  std::vector<RuntimeEvent> events;
  bool last_is_open = false;  // the last event is not marked as done
  size_t size = 0;            // bytes up to the last line break
};

// Fails with malformed, or too_large, for what is no journal: somebody else has written there. An
// empty text, or one without any line break, has no boot id and no events.
Result<Journal> parse_journal(std::string_view text);

// The lines, each with its line break.
std::string journal_header(std::string_view boot_id);
std::string journal_entry(const RuntimeEvent& event);
inline constexpr std::string_view kJournalDone = "done\n";

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_RUNTIME_JOURNAL_H_
