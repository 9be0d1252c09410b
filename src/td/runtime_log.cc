#include "src/td/runtime_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "quoin/quote.h"
#include "src/base/error.h"
#include "src/base/try.h"
#include "src/crypto/sha2.h"
#include "src/os/file_lock.h"
#include "src/os/io.h"
#include "src/os/unique_fd.h"
#include "src/td/runtime_journal.h"

namespace quoin::td {
namespace {

constexpr const char* kLockFile = "lock";
constexpr const char* kLogFile = "log";
constexpr const char* kPreviousFile = "previous";

using Rtmr = ByteArray<kRtmrBytes>;

// TDG.MR.RTMR.EXTEND with the event's digest.
Rtmr extended(const Rtmr& value, const RuntimeEvent& event) {
  return sha384({value, runtime_event_digest(event)});
}

Error not_ours(bool has_open_event) {
  return {ErrorCode::refused,
          std::string("runtime log: RTMR3 is not what the log replays to") +
              (has_open_event ? ", neither before nor behind the event that was cut short" : ""),
          "something else has extended RTMR3, or this is another TD's log: only a reboot of the TD "
          "gives a register that a log can explain"};
}

Result<void> check_event(const RuntimeEvent& event) {
  const bool has_capitals =
      std::ranges::any_of(event.name, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!is_runtime_event_name(event.name) || has_capitals) {
    return Error{ErrorCode::invalid_argument,
                 "runtime log: an event's name is 1 to 256 of a-z, 0-9 and ._/-"};
  }
  if (event.payload.size() > kMaxRuntimeEventPayloadBytes) {
    return too_large("runtime log: an event's payload has more than 64 KiB");
  }
  return {};
}

// The directory, which nobody else may read or write: whoever can write there can stop the log.
Result<UniqueFd> open_directory(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return system_error(path, errno);
  UniqueFd directory =
      TRY(owned(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path));
  struct stat status{};
  if (fstat(directory.get(), &status) != 0) return system_error(path, errno);
  if (status.st_uid != geteuid() || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{ErrorCode::permission,
                 path + ": the runtime log must be ours, and open to nobody else",
                 "look at who owns it; chmod 700 it, or name another directory"};
  }
  return directory;
}

// The log while nobody else uses it.
class Session {
 public:
  // Reads the log of this boot, and finishes what was cut short.
  static Result<Session> begin(Td& td, const RuntimeLogOptions& options) {
    UniqueFd directory = TRY(open_directory(options.directory));
    const Deadline deadline = earlier(deadline_after(options.lock_timeout), options.deadline);
    FileLock lock = TRY(FileLock::in(directory.get(), kLockFile, deadline));
    Session session(td, options, std::move(directory), std::move(lock), TRY(td.boot_id()));
    TRY(session.load());
    TRY(session.recover());
    return session;
  }

  bool has(const RuntimeEvent& event) const {
    return std::ranges::any_of(journal_.events, [&](const RuntimeEvent& other) {
      return other.name == event.name && other.payload == event.payload;
    });
  }

  Result<void> measure(const RuntimeEvent& event) {
    // Only the last event may lack its mark.
    if (journal_.last_is_open) TRY(mark());
    const std::string entry = journal_entry(event);
    if (journal_.events.size() >= kMaxRuntimeEvents ||
        journal_.size + entry.size() + kJournalDone.size() > kMaxJournalBytes) {
      return Error{ErrorCode::too_large, "runtime log: it is full",
                   "it holds 10000 events, or 4 MiB of them, in one boot"};
    }
    if (!file_.valid()) TRY(create());
    const size_t before = journal_.size;
    Result<void> measured = append(entry);
    if (measured.ok()) measured = extend(event);
    // What is not in the register must not be in the log: the next call would extend it.
    if (!measured.ok() && value_known_) TRY(truncate_to(before));
    if (!measured.ok()) return measured;
    journal_.events.push_back(event);
    mark_or_leave_open();
    return {};
  }

  Result<RuntimeEventLog> events() && {
    return RuntimeEventLog::from_events(std::move(journal_.events));
  }

 private:
  Session(Td& td, const RuntimeLogOptions& options, UniqueFd directory, FileLock lock,
          std::string boot_id)
      : td_(&td),
        options_(&options),
        directory_(std::move(directory)),
        lock_(std::move(lock)),
        boot_id_(std::move(boot_id)) {}

  void step(std::string_view name) const {
    if (options_->before_step) options_->before_step(name);
  }

  Error failed(std::string_view what) const {
    return system_error("runtime log: " + std::string(what), errno);
  }

  Result<void> load() {
    const int opened =
        openat(directory_.get(), kLogFile, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0 && errno == ENOENT) return {};
    file_ = TRY(owned(opened, "runtime log"));
    const Bytes text = TRY(read_to_end(file_.get(), kMaxJournalBytes, "runtime log"));
    journal_ = TRY(parse_journal(as_text(text)));
    if (journal_.boot_id == boot_id_) return {};
    // Of another boot, or it was just being made when somebody was killed. RTMR3 begins anew with
    // each boot, and so does the log.
    file_.reset();
    if (!journal_.boot_id.empty()) {
      step("set aside");
      if (renameat(directory_.get(), kLogFile, directory_.get(), kPreviousFile) != 0) {
        return failed("previous");
      }
    }
    journal_ = {};
    return {};
  }

  // Compares the register with the log, and extends what had not been extended. The event stays
  // open where it cannot be marked.
  Result<void> recover() {
    std::vector<RuntimeEvent> done = journal_.events;
    if (journal_.last_is_open) done.pop_back();
    const RuntimeEventLog log = TRY(RuntimeEventLog::from_events(std::move(done)));
    value_ = log.replayed_rtmr3();
    const Rtmr seen = TRY(td_->read_rtmr(kRuntimeRtmr));
    if (!journal_.last_is_open) {
      if (seen != value_) return not_ours(false);
      return {};
    }
    const RuntimeEvent& open_event = journal_.events.back();
    if (seen == value_) {
      TRY(extend(open_event));
    } else if (seen == extended(value_, open_event)) {
      value_ = seen;
    } else {
      return not_ours(true);
    }
    mark_or_leave_open();
    return {};
  }

  Result<void> create() {
    step("create");
    file_ =
        TRY(owned(openat(directory_.get(), kLogFile,
                         O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600),
                  "runtime log"));
    TRY(append(journal_header(boot_id_)));
    if (fsync(directory_.get()) != 0) return failed("directory");
    return {};
  }

  // Behind the last whole line, so that it is there even when the machine's power fails.
  Result<void> append(const std::string& line) {
    step("append");
    TRY(truncate_to(journal_.size));
    if (lseek(file_.get(), 0, SEEK_END) < 0) return failed("log");
    TRY(write_all(file_.get(), as_bytes(line), "runtime log"));
    step("sync");
    if (fdatasync(file_.get()) != 0) return failed("log");
    journal_.size += line.size();
    return {};
  }

  Result<void> truncate_to(size_t size) {
    if (ftruncate(file_.get(), static_cast<off_t>(size)) != 0) return failed("log");
    journal_.size = size;
    return {};
  }

  // Extends the register from value_. The register itself says whether it was.
  Result<void> extend(const RuntimeEvent& event) {
    step("extend");
    Result<void> extension = td_->extend_rtmr(kRuntimeRtmr, runtime_event_digest(event));
    step("look");
    value_known_ = false;
    const Rtmr seen = TRY(td_->read_rtmr(kRuntimeRtmr));
    if (seen == extended(value_, event)) {
      value_ = seen;
      value_known_ = true;
      return {};
    }
    if (seen != value_) return not_ours(true);
    value_known_ = true;
    if (!extension.ok()) return extension;
    return Error{ErrorCode::io, "runtime log: RTMR3 was extended, and did not change"};
  }

  // Says in the log that its last event is done.
  Result<void> mark() {
    step("mark");
    TRY(append(std::string(kJournalDone)));
    journal_.last_is_open = false;
    step("marked");
    return {};
  }

  // A mark that cannot be written now is no failure, since the register says that the event is
  // done: it is written before the next event, or by the next call.
  void mark_or_leave_open() { journal_.last_is_open = !mark().ok(); }

  Td* td_;
  const RuntimeLogOptions* options_;
  UniqueFd directory_;
  FileLock lock_;
  std::string boot_id_;
  UniqueFd file_;  // none where there is no log of this boot yet
  Journal journal_;
  Rtmr value_{};             // RTMR3 with the events that are done
  bool value_known_ = true;  // the register could be read, and was what it should be
};

}  // namespace

Result<bool> RuntimeLog::measure_once(const RuntimeEvent& event) {
  TRY(check_event(event));
  Session session = TRY(Session::begin(td_, options_));
  if (session.has(event)) return false;
  TRY(session.measure(event));
  return true;
}

Result<void> RuntimeLog::measure(const RuntimeEvent& event) {
  TRY(check_event(event));
  Session session = TRY(Session::begin(td_, options_));
  return session.measure(event);
}

Result<RuntimeEventLog> RuntimeLog::events() {
  Session session = TRY(Session::begin(td_, options_));
  return std::move(session).events();
}

Result<ExplainedQuote> RuntimeLog::quote(const ByteArray<kReportDataBytes>& report_data) {
  constexpr int kAttempts = 3;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ExplainedQuote explained = {.quote = {}, .events = TRY(events())};
    explained.quote = TRY(td_.quote(report_data));
    const Quote quote = TRY(parse_quote(explained.quote));
    const auto* report = quote.td_report();
    if (report != nullptr && report->rtmr3 == explained.events.replayed_rtmr3()) return explained;
  }
  return Error{ErrorCode::refused, "runtime log: the quote's RTMR3 is not what the log replays to",
               "something measures all the time, or extends RTMR3 without the log"};
}

}  // namespace quoin::td
