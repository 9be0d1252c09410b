#include "src/capi/session.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "src/base/try.h"
#include "src/crypto/secret.h"

namespace quoin::capi {
namespace {

// The session, and who may change it.
struct Process {
  std::mutex changing;  // held while a change is made
  std::mutex reading;   // held while the pointer is read or replaced
  std::shared_ptr<const Session> session = std::make_shared<const Session>();
};

// The one object with a life of its own that the library has: C has nobody to hand a handle to.
// Made when it is first asked for, and never destroyed, so that a thread may still ask while the
// process ends.
Process& process() {
  static auto* const process = new Process;
  return *process;
}

int code_of(const Error& error, const Codes& codes) {
  switch (error.code) {
    case ErrorCode::unsupported:
      return codes.unsupported;
    case ErrorCode::invalid_argument:
      return codes.invalid_argument;
    case ErrorCode::not_found:
      return codes.not_found;
    case ErrorCode::crypto:
      return codes.crypto;
    case ErrorCode::internal:
      return codes.internal;
    case ErrorCode::malformed:
    case ErrorCode::truncated:
    case ErrorCode::trailing_bytes:
    case ErrorCode::too_large:
    case ErrorCode::permission:
    case ErrorCode::io:
    case ErrorCode::timed_out:
    case ErrorCode::refused:
      return codes.failure;
  }
  return codes.internal;
}

// A reporter in C++ may itself have no memory. What it throws changes nothing of what it was told,
// and there is nobody else to tell.
void report(const Session& session, const char* function, int code, const char* reason,
            const char* hint) {
  if (session.reporter == nullptr) return;
  try {
    session.reporter(session.reporter_context, function, code, reason, hint);
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace

std::shared_ptr<td::LinuxTd> Session::open_td(td::LinuxTdOptions options) {
  options.paths = paths();
  if (!quotes) quotes = std::make_shared<td::QuoteQueue>(options.max_waiting_quotes);
  return std::make_shared<td::LinuxTd>(std::move(options), quotes);
}

void Session::leave_queue() {
  if (!security_td && !attestation) quotes.reset();
}

td::LinuxPaths Session::paths() const {
  return td_is_kernels() ? td::LinuxPaths() : td::LinuxPaths::under(td_root);
}

std::shared_ptr<const Session> session() {
  Process& own = process();
  const std::lock_guard lock(own.reading);
  return own.session;
}

Result<void> change_session(const std::function<Result<void>(Session&)>& change) {
  Process& own = process();
  const std::lock_guard changing(own.changing);
  auto changed = std::make_shared<Session>(*session());
  if (Result<void> result = change(*changed); !result.ok()) return result;
  // The one that was goes outside the lock: closing what it holds may take a while.
  std::shared_ptr<const Session> next = std::move(changed);
  const std::lock_guard lock(own.reading);
  own.session.swap(next);
  return {};
}

void tell(const Session& session, const char* function, const std::string& remark) {
  report(session, function, TDX_SUCCESS, remark.c_str(), "");
}

int finish(const Session& session, const char* function, const Outcome& outcome,
           const Codes& codes) {
  if (outcome.ok()) return TDX_SUCCESS;
  const Error& error = outcome.error();
  const int code = outcome.code() != 0 ? outcome.code() : code_of(error, codes);
  report(session, function, code, error.what.c_str(), error.hint.c_str());
  return code;
}

int finish_without_memory(const Session* session, const char* function, const Codes& codes) {
  if (session != nullptr) report(*session, function, codes.no_memory, "there is no memory", "");
  return codes.no_memory;
}

int finish_with_bug(const Session* session, const char* function, const Codes& codes) {
  if (session != nullptr) {
    report(*session, function, codes.internal, "a bug: nothing of the library throws this",
           "it is to be reported to whoever maintains the library");
  }
  return codes.internal;
}

Error not_initialized(std::string_view init) {
  return {ErrorCode::invalid_argument, std::string(init) + "() has not been called", ""};
}

Error wrong(std::string what) { return {ErrorCode::invalid_argument, std::move(what)}; }

Result<ByteView> view_of(const uint8_t* data, size_t size, std::string_view name) {
  if (data == nullptr && size != 0) return wrong(std::string(name) + " is NULL");
  return data == nullptr ? ByteView() : ByteView(data, size);
}

Result<ByteArray<td::kReportDataBytes>> report_data_from(const uint8_t* data, size_t size) {
  const ByteView bytes = TRY(view_of(data, size, "the report data"));
  if (bytes.size() > td::kReportDataBytes) {
    return wrong("report data of " + std::to_string(bytes.size()) + " bytes; there are 64");
  }
  ByteArray<td::kReportDataBytes> report_data{};
  std::ranges::copy(bytes, report_data.begin());
  return report_data;
}

size_t take_capacity(size_t* size) { return size == nullptr ? 0 : std::exchange(*size, 0); }

int zero_unless_ok(int code, uint8_t* buffer, size_t capacity) {
  if (code != TDX_SUCCESS && buffer != nullptr) wipe({buffer, capacity});
  return code;
}

Outcome hand_out(ByteView bytes, uint8_t* buffer, size_t capacity, size_t& size) {
  size = bytes.size();
  const size_t room = buffer == nullptr ? 0 : capacity;
  if (room < bytes.size()) {
    return {TDX_ERROR_BUFFER_TOO_SMALL, wrong("a buffer of " + std::to_string(room) +
                                              " bytes for " + std::to_string(bytes.size()))};
  }
  std::ranges::copy(bytes, buffer);
  return {};
}

uint8_t* copy_for_c(ByteView bytes) {
  // malloc(0) may be null, which would read as "no memory".
  auto* const copy = static_cast<uint8_t*>(std::malloc(std::max<size_t>(bytes.size(), 1)));
  if (copy == nullptr) throw std::bad_alloc();
  std::ranges::copy(bytes, copy);
  return copy;
}

Outcome give(ByteView bytes, uint8_t** out, size_t* size) {
  *out = copy_for_c(bytes);
  *size = bytes.size();
  return {};
}

UtcTime now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace quoin::capi
