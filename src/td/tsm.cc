#include "src/td/tsm.h"

#include <cerrno>
#include <charconv>
#include <cstdint>

#include "src/base/try.h"
#include "src/os/file_lock.h"
#include "src/os/io.h"
#include "src/td/quote_check.h"
#include "src/td/tsm_entry.h"

namespace quoin::td {
namespace {

constexpr std::string_view kProvider = "tdx_guest";
constexpr size_t kMaxTextBytes = 4096;
constexpr std::chrono::milliseconds kPause{50};

Result<std::string> read_text(TsmEntry& entry, std::string_view attribute) {
  const TsmRead read = entry.read(attribute, kMaxTextBytes);
  if (read.error != 0) return tsm_error(attribute, read.error);
  std::string text(as_text(read.bytes));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Result<void> check_provider(TsmEntry& entry) {
  const std::string provider = TRY(read_text(entry, "provider"));
  if (provider == kProvider) return {};
  return Error{ErrorCode::unsupported,
               "configfs-tsm: its reports are of \"" + provider + "\", not of tdx_guest",
               "this is no TDX trust domain, or its driver is not loaded (modprobe tdx_guest)"};
}

Result<uint64_t> read_generation(TsmEntry& entry) {
  const std::string text = TRY(read_text(entry, "generation"));
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) {
    return Error{ErrorCode::malformed, "configfs-tsm: generation is not a number: " + text,
                 "find out what is mounted there: Linux's configfs counts"};
  }
  return number;
}

Error somebody_elses(uint64_t before, uint64_t after) {
  return {ErrorCode::refused,
          "configfs-tsm: somebody else has used our entry: its generation went from " +
              std::to_string(before) + " to " + std::to_string(after),
          "find out who writes below /sys/kernel/config/tsm/report"};
}

// Writes the report data until the driver has taken them. Returns the generation that they have.
Result<uint64_t> put_report_data(TsmEntry& entry, const ByteArray<kReportDataBytes>& report_data,
                                 Deadline deadline) {
  for (;;) {
    const uint64_t before = TRY(read_generation(entry));
    const int error = entry.write_inblob(report_data);
    if (error != 0 && error != EBUSY && error != EINTR) return tsm_error("inblob", error);
    const uint64_t after = TRY(read_generation(entry));
    if (after == before + 1) return after;
    if (after != before) return somebody_elses(before, after);
    // Busy, which the kernel does not say when it happens at close.
    if (!pause_for(kPause, deadline)) {
      return Error{ErrorCode::timed_out, "configfs-tsm: the driver does not take the report data",
                   "it is busy with an earlier request"};
    }
  }
}

Result<Bytes> take_quote(TsmEntry& entry, Deadline deadline) {
  for (;;) {
    TsmRead read = entry.read("outblob", kMaxQuoteBytes);
    if (read.error == 0) return std::move(read.bytes);
    const bool again = read.error == EBUSY || read.error == EINTR;
    if (!again) return tsm_error("outblob", read.error);
    if (!pause_for(kPause, deadline)) {
      Error error = tsm_error("outblob", read.error);
      error.code = ErrorCode::timed_out;
      return error;
    }
  }
}

}  // namespace

Result<Bytes> quote_by_entry(TsmEntry& entry, const ByteArray<kReportDataBytes>& report_data,
                             Deadline deadline) {
  TRY(check_provider(entry));
  const uint64_t generation = TRY(put_report_data(entry, report_data, deadline));
  const Bytes quote = TRY(take_quote(entry, deadline));
  const uint64_t after = TRY(read_generation(entry));
  if (after != generation) return somebody_elses(generation, after);
  return checked_quote(quote, report_data);
}

Result<Bytes> quote_by_tsm(const std::string& directory,
                           const ByteArray<kReportDataBytes>& report_data, Deadline deadline) {
  const FileLock lock = TRY(lock_tsm(directory, deadline));
  remove_stale_entries(directory);
  TsmDirectoryEntry entry = TRY(TsmDirectoryEntry::create(directory));
  return quote_by_entry(entry, report_data, deadline);
}

Probe tsm_provider(const std::string& directory, Deadline deadline) {
  const Result<FileLock> lock = lock_tsm(directory, deadline);
  if (!lock.ok()) {
    const bool absent = lock.error().code == ErrorCode::not_found;
    return {absent ? Answer::no : Answer::unknown, lock.error().what};
  }
  Result<TsmDirectoryEntry> entry = TsmDirectoryEntry::create(directory);
  if (!entry.ok()) {
    const bool absent = entry.error().code == ErrorCode::not_found;
    return {absent ? Answer::no : Answer::unknown, entry.error().what};
  }
  const Result<void> provider = check_provider(*entry);
  if (provider.ok()) return {Answer::yes, directory + ": the provider is tdx_guest"};
  const ErrorCode code = provider.error().code;
  const bool asked = code == ErrorCode::unsupported || code == ErrorCode::not_found;
  return {asked ? Answer::no : Answer::unknown, provider.error().what};
}

}  // namespace quoin::td
