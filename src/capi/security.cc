// tdx_security.h: what this machine is, reports and quotes, and how it booted.

#include "tdx_security.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "src/base/try.h"
#include "src/capi/boot.h"
#include "src/capi/channel.h"
#include "src/capi/judging.h"
#include "src/capi/report.h"
#include "src/capi/session.h"
#include "src/os/io.h"
#include "src/td/linux_td.h"
#include "src/td/qgs_address.h"
#include "src/td/qgs_client.h"
#include "src/td/tsm.h"

namespace quoin::capi {
namespace {

constexpr size_t kMaxConfigBytes = size_t{64} << 10;
// How long whoever waits for a quote keeps us from asking for the kernel's provider, and how long
// the host's service has to take a connection.
constexpr std::chrono::seconds kAsking{2};
// VALID of a TDREPORT of a TDX module 1.5 that can be updated under a TD (Intel's TDQE).
constexpr ByteArray<8> kValid15 = {0xff, 0x01, 0x03, 0, 0, 0, 0, 0};

SecurityTd open_security_td(Session& session) {
  const std::shared_ptr<td::LinuxTd> td = session.open_td({});
  return {.td = td, .until = [td](Deadline deadline) { return td->until(deadline); }};
}

Outcome not_a_guest(const Session& session, Error error) {
  const int code = is_something(session, error) ? TDX_ERROR_ATTESTATION : TDX_ERROR_NOT_TDX_GUEST;
  return {code, std::move(error)};
}

Outcome check_guest(const Session& session, td::Td& td) {
  Result<TdReportStruct> report = prove_guest(td);
  if (report.ok()) return {};
  return not_a_guest(session, std::move(report).error());
}

// Whether the kernel has a provider of quotes, or the host's service takes a connection.
bool has_quote_way(const td::LinuxPaths& paths) {
  if (td::tsm_provider(paths.tsm_report, deadline_after(kAsking)).answer == td::Answer::yes)
    return true;
  const Result<Bytes> text = read_file(paths.attest_conf, kMaxConfigBytes);
  if (!text.ok()) return false;
  const Result<std::optional<uint32_t>> port = td::parse_attest_conf(as_text(*text));
  if (!port.ok() || !port->has_value()) return false;
  const td::VsockAddress host = {.cid = td::kVsockHost, .port = **port};
  return td::connect_to_qgs(host, deadline_after(kAsking)).ok();
}

uint32_t version_of(const TdReportStruct& report) {
  const bool is_15 = report.report_mac_struct.version > 0 || report.tee_tcb_info.valid == kValid15;
  return is_15 ? 15 : 10;
}

bool is_yes(const SecureBootState& state) {
  return state.variable == td::Answer::yes && state.logged == td::Answer::yes &&
         state.log_replays == td::Answer::yes;
}

bool is_no(const SecureBootState& state) {
  return state.variable == td::Answer::no || state.logged == td::Answer::no ||
         state.log_replays == td::Answer::no;
}

SecureBootState secure_boot_of(const Session& session, const ByteArray<48>* rtmr0) {
  const td::LinuxPaths paths = session.paths();
  const Result<CcEventLog> log = read_boot_log(paths);
  return secure_boot_state(paths.efivars, log.ok() ? &*log : nullptr, rtmr0);
}

// Whether the log explains all that firmware, boot loader and kernel measured.
bool boot_is_explained(const td::LinuxPaths& paths, const TdReportStruct& report) {
  const Result<CcEventLog> log = read_boot_log(paths);
  if (!log.ok()) return false;
  const Rtmrs& rtmrs = log->replayed_rtmrs();
  const TdReportStruct::TdInfo& td = report.td_info;
  return log->extends(0) && rtmrs[0] == td.rtmr0 && rtmrs[1] == td.rtmr1 && rtmrs[2] == td.rtmr2;
}

tdx_security_info_t describe_guest(const Session& session, const TdReportStruct& report) {
  const td::LinuxPaths paths = session.paths();
  tdx_security_info_t info = {};
  info.is_tdx_guest = true;
  info.tdx_version = version_of(report);
  info.memory_encryption_enabled = session.td_is_kernels();
  info.attestation_available = has_quote_way(paths);
  info.secure_boot_enabled = is_yes(secure_boot_of(session, &report.td_info.rtmr0));
  if (info.memory_encryption_enabled) info.security_features |= TDX_SEC_MEMORY_ENCRYPTION;
  if (info.attestation_available) info.security_features |= TDX_SEC_ATTESTATION;
  if (info.secure_boot_enabled) info.security_features |= TDX_SEC_SECURE_BOOT;
  if (boot_is_explained(paths, report)) info.security_features |= TDX_SEC_MEASURED_BOOT;
  if (session.key_source) info.security_features |= TDX_SEC_SEALED_STORAGE;
  return info;
}

// The 256 bytes that the C type has of a report, if its other fields go with them.
Result<ByteArray<kReportMacBytes>> front_of(const tdx_report_t& report) {
  const auto front = std::bit_cast<ByteArray<kReportMacBytes>>(report.report_mac_struct);
  if (!equal(report_data_of(front), report.report_data)) {
    return wrong("the report's report_data is not that of its report_mac_struct");
  }
  if (!all_zero(report.reserved)) return wrong("the report's reserved bytes are not zero");
  return front;
}

Outcome quote_front(td::Td& td, const tdx_report_t* report, Bytes& quote) {
  if (report == nullptr) return wrong("the report is NULL");
  const ByteArray<kReportMacBytes> front = TRY(front_of(*report));
  quote = TRY(quote_of_front(td, front));
  return {};
}

Outcome verify(const Session& session, const char* function, const uint8_t* data, size_t len) {
  const Bytes bytes = TRY(copy_of_quote(data, len));
  const Result<Quote> quote = parse_quote(bytes);
  if (!quote.ok()) return {TDX_ERROR_ATTESTATION, quote.error()};
  const Result<Judgement> judgement = judge(session, function, *quote, nullptr);
  if (!judgement.ok()) {
    return {session.attestation ? TDX_ERROR_COMMUNICATION : TDX_ERROR_NOT_SUPPORTED,
            judgement.error()};
  }
  if (!judgement->accepted()) return refusal(*judgement->reason());
  return {};
}

uint32_t to_c(td::Answer answer) {
  switch (answer) {
    case td::Answer::no:
      return TDX_ANSWER_NO;
    case td::Answer::yes:
      return TDX_ANSWER_YES;
    case td::Answer::unknown:
      return TDX_ANSWER_UNKNOWN;
  }
  return TDX_ANSWER_UNKNOWN;
}

Result<ByteArray<48>> rtmr0_of_quote(ByteView bytes) {
  const Quote quote = TRY(parse_quote(bytes));
  if (quote.td_report() == nullptr) return wrong("the quote is of no TD");
  return quote.td_report()->rtmr0;
}

}  // namespace

extern "C" {

int tdx_security_init() {
  return run("tdx_security_init", kSecurity, [](const Session&) -> Outcome {
    return change_session([](Session& changed) -> Result<void> {
      if (!changed.security_td) changed.security_td = open_security_td(changed);
      return {};
    });
  });
}

void tdx_security_cleanup() {
  run("tdx_security_cleanup", kSecurity, [](const Session&) -> Outcome {
    close_channel();
    return change_session([](Session& changed) -> Result<void> {
      changed.security_td.reset();
      changed.leave_queue();
      return {};
    });
  });
}

int tdx_check_guest() { return run_security("tdx_check_guest", kSecurity, check_guest); }

bool tdx_is_guest() { return run_security("tdx_is_guest", kSecurity, check_guest) == TDX_SUCCESS; }

int tdx_get_security_info(tdx_security_info_t* info) {
  if (info != nullptr) *info = {};
  return run_security("tdx_get_security_info", kSecurity,
                      [&](const Session& session, td::Td& td) -> Outcome {
                        if (info == nullptr) return wrong("info is NULL");
                        const Result<TdReportStruct> report = prove_guest(td);
                        if (report.ok()) *info = describe_guest(session, *report);
                        return {};
                      });
}

int tdx_generate_report(const uint8_t* report_data, size_t len, tdx_report_t* report) {
  const int code =
      run_security("tdx_generate_report", kSecurity, [&](const Session&, td::Td& td) -> Outcome {
        if (report == nullptr) return wrong("the report is NULL");
        const ByteArray<td::kReportDataBytes> wanted = TRY(report_data_from(report_data, len));
        const Bytes made = TRY(td.report(wanted));
        TRY(check_report_hashes(made, wanted));
        *report = {};
        std::copy_n(made.begin(), sizeof report->report_mac_struct, report->report_mac_struct);
        std::ranges::copy(wanted, report->report_data);
        return {};
      });
  return zero_unless_ok(code, report);
}

int tdx_get_quote(const tdx_report_t* report, tdx_quote_t* quote) {
  const int code =
      run_security("tdx_get_quote", kSecurity, [&](const Session&, td::Td& td) -> Outcome {
        if (quote == nullptr) return wrong("the quote is NULL");
        Bytes bytes;
        if (Outcome outcome = quote_front(td, report, bytes); !outcome.ok()) return outcome;
        if (bytes.size() > sizeof quote->data) {
          return {TDX_ERROR_BUFFER_TOO_SMALL,
                  {ErrorCode::too_large,
                   "the quote has " + std::to_string(bytes.size()) + " bytes, and tdx_quote_t " +
                       std::to_string(sizeof quote->data),
                   "tdx_get_quote_bytes() gives quotes of any size"}};
        }
        const Quote parsed = TRY(parse_quote(bytes));
        *quote = {};
        quote->version = parsed.header.version;
        quote->in_len = td::kTdReportBytes;
        quote->out_len = static_cast<uint32_t>(bytes.size());
        std::ranges::copy(bytes, quote->data);
        return {};
      });
  return zero_unless_ok(code, quote);
}

int tdx_get_quote_bytes(const tdx_report_t* report, uint8_t* quote, size_t* len) {
  const size_t capacity = take_capacity(len);
  const int code =
      run_security("tdx_get_quote_bytes", kSecurity, [&](const Session&, td::Td& td) -> Outcome {
        if (len == nullptr) return wrong("the length is NULL");
        Bytes bytes;
        Outcome outcome = quote_front(td, report, bytes);
        if (!outcome.ok()) return outcome;
        return hand_out(bytes, quote, capacity, *len);
      });
  return zero_unless_ok(code, quote, capacity);
}

int tdx_verify_quote(const tdx_quote_t* quote, bool* verified) {
  if (verified != nullptr) *verified = false;
  const int code =
      run_security("tdx_verify_quote", kSecurity, [&](const Session& session, td::Td&) -> Outcome {
        if (quote == nullptr || verified == nullptr) return wrong("quote or verified is NULL");
        if (quote->status != 0) return wrong("the quote's status is not 0");
        const uint32_t size = quote->out_len;
        if (size == 0 || size > sizeof quote->data) {
          return wrong("the quote's out_len is not that of a quote in its data");
        }
        return verify(session, "tdx_verify_quote", quote->data, size);
      });
  if (code == TDX_SUCCESS) *verified = true;
  return code;
}

int tdx_verify_quote_bytes(const uint8_t* quote, size_t len, bool* verified) {
  if (verified != nullptr) *verified = false;
  const int code = run_security("tdx_verify_quote_bytes", kSecurity,
                                [&](const Session& session, td::Td&) -> Outcome {
                                  if (verified == nullptr) return wrong("verified is NULL");
                                  return verify(session, "tdx_verify_quote_bytes", quote, len);
                                });
  if (code == TDX_SUCCESS) *verified = true;
  return code;
}

int tdx_get_secure_boot_state(const uint8_t* quote, size_t len, tdx_secure_boot_state_t* state) {
  if (state != nullptr) *state = {};
  return run_security(
      "tdx_get_secure_boot_state", kSecurity, [&](const Session& session, td::Td& td) -> Outcome {
        if (state == nullptr) return wrong("the state is NULL");
        const ByteView bytes = TRY(view_of(quote, len, "the quote"));
        std::optional<ByteArray<48>> rtmr0;
        if (!bytes.empty()) {
          rtmr0 = TRY(rtmr0_of_quote(bytes));
        } else if (const Result<TdReportStruct> report = prove_guest(td); report.ok()) {
          rtmr0 = report->td_info.rtmr0;
        }
        const SecureBootState found = secure_boot_of(session, rtmr0 ? &*rtmr0 : nullptr);
        *state = {to_c(found.variable), to_c(found.logged), to_c(found.log_replays)};
        return {};
      });
}

int tdx_verify_secure_boot() {
  return run_security(
      "tdx_verify_secure_boot", kSecurity, [](const Session& session, td::Td& td) -> Outcome {
        const Result<TdReportStruct> report = prove_guest(td);
        if (!report.ok()) return not_a_guest(session, report.error());
        const SecureBootState state = secure_boot_of(session, &report->td_info.rtmr0);
        if (is_yes(state)) return {};
        if (is_no(state)) {
          return Error{ErrorCode::refused,
                       "Secure Boot is off, or the event log is not of this boot",
                       "tdx_get_secure_boot_state() says which"};
        }
        return Error{ErrorCode::unsupported, "nobody can say that Secure Boot is on",
                     "tdx_get_secure_boot_state() says what is not known"};
      });
}

int tdx_get_boot_measurements(uint8_t* measurements, size_t* len) {
  const size_t capacity = take_capacity(len);
  const int code = run_security(
      "tdx_get_boot_measurements", kSecurity, [&](const Session&, td::Td& td) -> Outcome {
        if (len == nullptr) return wrong("the length is NULL");
        const TdReportStruct report = TRY(prove_guest(td));
        const TdReportStruct::TdInfo& td_info = report.td_info;
        Bytes all;
        for (const ByteArray<48>& one :
             {td_info.mr_td, td_info.rtmr0, td_info.rtmr1, td_info.rtmr2, td_info.rtmr3}) {
          all.insert(all.end(), one.begin(), one.end());
        }
        return hand_out(all, measurements, capacity, *len);
      });
  return zero_unless_ok(code, measurements, capacity);
}

}  // extern "C"
}  // namespace quoin::capi
