#include "src/channel/td_evidence.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "src/base/try.h"
#include "src/td/runtime_log.h"

namespace quoin::channel {

Result<TdEvidence> td_evidence(td::Td& td, const std::string& log_directory,
                               const ByteArray<td::kReportDataBytes>& report_data,
                               quoin::Deadline deadline) {
  if (std::error_code ignored; !std::filesystem::is_directory(log_directory, ignored)) {
    return TdEvidence{.quote = TRY(td.quote(report_data)), .event_log = {}};
  }
  td::RuntimeLog log(td, {.directory = log_directory, .deadline = deadline});
  td::ExplainedQuote explained = TRY(log.quote(report_data));
  const std::string events = td::to_json(explained.events);
  return TdEvidence{.quote = std::move(explained.quote),
                    .event_log = Bytes(events.begin(), events.end())};
}

}  // namespace quoin::channel
