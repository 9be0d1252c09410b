// A CCEL that loads replays to what its events' digests give, is written again as it was, and is
// described in printable ASCII.

#include <algorithm>
#include <cstdint>

#include "fuzz/require.h"
#include "quoin/eventlog.h"
#include "src/crypto/sha2.h"
#include "src/eventlog/ccel_writer.h"

namespace {

using quoin::Bytes;
using quoin::ByteView;
using quoin::CcEvent;
using quoin::CcEventLog;
using quoin::fuzz::require;

// By the definition, register by register.
quoin::Rtmrs replayed(const std::vector<CcEvent>& events) {
  quoin::Rtmrs rtmrs{};
  for (uint32_t index = 1; index <= quoin::kRtmrCount; ++index) {
    for (const CcEvent& event : events) {
      if (event.mr_index != index || event.type == 3) continue;
      Bytes both(rtmrs[index - 1].begin(), rtmrs[index - 1].end());
      both.insert(both.end(), event.digest.begin(), event.digest.end());
      rtmrs[index - 1] = quoin::sha384(both);
    }
  }
  return rtmrs;
}

void check_same(ByteView log, const CcEventLog& other) {
  const auto read = CcEventLog::parse(log);
  require(read.ok() && read->events() == other.events());
  require(read->replayed_rtmrs() == other.replayed_rtmrs());
}

void check_described(const CcEventLog& log) {
  for (const CcEvent& event : log.events()) {
    require(event.mr_index <= quoin::kRtmrCount);
    require(event.mr_index > 0 || !event.is_extended());
    const std::string text = quoin::describe_event(event);
    require(!text.empty() && text.size() <= quoin::kMaxEventDescriptionBytes);
    require(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

// "On" needs an event that says so, and whose digest says so.
void check_secure_boot(const CcEventLog& log) {
  if (quoin::secure_boot_from_log(log).state != quoin::SecureBoot::on) return;
  require(std::ranges::any_of(log.events(), [](const CcEvent& event) {
    const auto variable = quoin::parse_uefi_variable(event.data);
    return event.mr_index == 1 && event.digest == quoin::sha384(event.data) && variable.ok() &&
           variable->name == "SecureBoot" && quoin::equal(variable->data, Bytes{1});
  }));
}

void check_log(ByteView bytes) {
  const auto log = CcEventLog::parse(bytes);
  if (!log.ok()) return;
  require(log->replayed_rtmrs() == replayed(log->events()));
  check_described(*log);
  check_secure_boot(*log);

  Bytes written = quoin::write_ccel(log->events());
  check_same(written, *log);
  // Where the Spec ID is what we write, so is what stands behind it, up to padding.
  const Bytes header = quoin::write_ccel({});
  if (bytes.size() >= header.size() && quoin::equal(bytes.first(header.size()), header)) {
    require(quoin::equal(bytes.first(written.size()), written));
  }
  for (const uint8_t padding : {uint8_t{0xff}, uint8_t{0x00}}) {
    Bytes padded = written;
    padded.resize(padded.size() + 7, padding);
    check_same(padded, *log);
  }
}

void check_table(ByteView bytes) {
  const auto table = quoin::parse_ccel_table(bytes);
  if (!table.ok()) return;
  const auto again = quoin::parse_ccel_table(quoin::write_ccel_table(*table));
  require(again.ok() && again->log_area_bytes == table->log_area_bytes);
  require(again->log_area_address == table->log_area_address);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  check_log({data, size});
  check_table({data, size});
  return 0;
}
