// tdx_attestation.h: reports, quotes, collateral, verification.

#include "tdx_attestation.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/capi/judging.h"
#include "src/capi/report.h"
#include "src/capi/session.h"
#include "src/receipt/report_data.h"
#include "src/td/linux_td.h"
#include "src/td/qgs_address.h"
#include "src/x509/chain.h"
#include "src/x509/sgx_extension.h"

namespace quoin::capi {
namespace {

constexpr uint32_t kMaxTimeoutMs = 3'600'000;

using ReportBytes = ByteArray<td::kTdReportBytes>;
static_assert(sizeof(tdx_report_full_t) == td::kTdReportBytes);

template <size_t N>
Result<std::string> text_of(const char (&text)[N], std::string_view name) {
  const size_t length = strnlen(text, N);
  if (length == N) return wrong(std::string(name) + " does not end with a zero byte");
  return std::string(text, length);
}

// How quotes are to be had.
Result<void> plan_quotes(const std::string& qgs_url, td::LinuxTdOptions& options,
                         AttestationConfig& config) {
  if (qgs_url.empty()) return {};
  Result<td::QgsAddress> address = td::parse_qgs_address(qgs_url);
  if (address.ok()) {
    options.qgs = *std::move(address);
    options.quote_ways = {td::QuoteWay::qgs, td::QuoteWay::tsm};
    return {};
  }
  if (address.error().code != ErrorCode::unsupported || qgs_url.starts_with("http://")) {
    return wrong("qgs_url: " + address.error().what);
  }
  config.no_quotes = Error{ErrorCode::unsupported, "qgs_url: " + address.error().what,
                           "an empty qgs_url asks the kernel; vsock:2:4050 is the host's service"};
  return {};
}

Result<AttestationConfig> read_config(Session& session, const tdx_attestation_config_t& config) {
  AttestationConfig read;
  td::LinuxTdOptions options;
  const std::string qgs_url = TRY(text_of(config.qgs_url, "qgs_url"));
  TRY(plan_quotes(qgs_url, options, read));
  read.pccs_url = TRY(text_of(config.pccs_url, "pccs_url"));
  if (!read.pccs_url.empty()) TRY(pcs::Service::parse(read.pccs_url));
  read.collateral_path = TRY(text_of(config.collateral_path, "collateral_path"));
  read.use_qpl = config.use_qpl;
  if (config.timeout_ms > kMaxTimeoutMs) return wrong("timeout_ms is more than an hour");
  if (config.timeout_ms != 0) {
    read.request_timeout = std::chrono::milliseconds(config.timeout_ms);
    options.quote_timeout = read.request_timeout;
    options.way_timeout = read.request_timeout;
  }
  read.td = session.open_td(std::move(options));
  return read;
}

Result<Bytes> checked_report(td::Td& td, const uint8_t* user_data, size_t len) {
  const ByteArray<td::kReportDataBytes> wanted = TRY(report_data_from(user_data, len));
  Bytes report = TRY(td.report(wanted));
  TRY(check_report_hashes(report, wanted));
  return report;
}

tdx_report_full_t to_c(ByteView report) {
  ReportBytes bytes{};
  std::ranges::copy(report, bytes.begin());
  return std::bit_cast<tdx_report_full_t>(bytes);
}

Result<Bytes> quote_in(const AttestationConfig& config, ByteView report) {
  if (config.no_quotes) return *config.no_quotes;
  return config.td->quote_report(report);
}

Outcome report_to(td::Td& td, const uint8_t* user_data, size_t len, tdx_report_full_t* report) {
  if (report == nullptr) return wrong("the report is NULL");
  const Bytes made = TRY(checked_report(td, user_data, len));
  *report = to_c(made);
  return {};
}

// Judges a quote with the collateral that a call gives, or else with what is set.
Outcome judge_with(const Session& session, const char* function, const Quote& quote,
                   ByteView bundle, const RuntimeEventLog* log, Judgement& judgement) {
  if (!bundle.empty()) {
    const PreparedCollateral prepared(TRY(Collateral::parse(bundle)));
    judgement = judge(session, quote, prepared, log);
    return {};
  }
  Result<Judgement> judged = judge(session, function, quote, log);
  if (!judged.ok()) return {TDX_ATTEST_ERROR_NETWORK, judged.error()};
  judgement = *std::move(judged);
  return {};
}

template <size_t N>
void copy_text(std::string_view text, char (&out)[N]) {
  const std::string_view fits = text.substr(0, N - 1);
  std::ranges::copy(fits, out);
  out[fits.size()] = '\0';
}

// What is not genuine may say of itself what it likes.
uint32_t proven_tcb_status(const Verdict& verdict) {
  return verdict.genuine ? tcb_status_code(verdict.tcb_status) : TDX_TCB_STATUS_UNKNOWN;
}

tdx_appraisal_t to_c(const Judgement& judgement) {
  tdx_appraisal_t appraisal{};
  appraisal.genuine = judgement.verdict.genuine;
  appraisal.accepted = judgement.accepted();
  appraisal.simulated = judgement.verdict.simulated;
  appraisal.tcb_status = proven_tcb_status(judgement.verdict);
  if (const auto until = judgement.verdict.valid_until; until && appraisal.genuine) {
    appraisal.valid_until = until->time_since_epoch().count();
  }
  if (const Check* const reason = judgement.reason()) {
    copy_text(reason->id, appraisal.reason);
    const Error error = refusal(*reason);
    copy_text(error.hint.empty() ? error.what : error.what + "; " + error.hint,
              appraisal.explanation);
  }
  return appraisal;
}

// What this TD makes of its own quote.
uint32_t own_tcb_status(const Session& session, ByteView quote_bytes, ByteView bundle) {
  const Result<Quote> quote = parse_quote(quote_bytes);
  Result<Collateral> collateral = Collateral::parse(bundle);
  if (!quote.ok() || !collateral.ok()) return TDX_TCB_STATUS_UNKNOWN;
  const PreparedCollateral prepared(*std::move(collateral));
  return proven_tcb_status(judge(session, *quote, prepared, nullptr).verdict);
}

struct FreeEvidence {
  void operator()(tdx_attestation_evidence_t* evidence) const {
    tdx_attestation_free_evidence(evidence);
  }
};

Outcome make_evidence(const Session& session, const AttestationConfig& config,
                      const uint8_t* user_data, size_t len, tdx_attestation_evidence_t** out) {
  const Bytes report = TRY(checked_report(*config.td, user_data, len));
  const Bytes quote = TRY(quote_in(config, report));
  const Quote parsed = TRY(parse_quote(quote));
  const Result<Bytes> bundle =
      collateral_bytes_for(session, "tdx_attestation_generate_evidence", parsed);
  if (!bundle.ok()) return {TDX_ATTEST_ERROR_NETWORK, bundle.error()};
  void* const memory = std::calloc(1, sizeof(tdx_attestation_evidence_t));
  if (memory == nullptr) throw std::bad_alloc();
  std::unique_ptr<tdx_attestation_evidence_t, FreeEvidence> evidence(
      new (memory) tdx_attestation_evidence_t{});
  evidence->quote = copy_for_c(quote);
  evidence->quote_size = quote.size();
  evidence->collateral = copy_for_c(*bundle);
  evidence->collateral_size = bundle->size();
  evidence->timestamp = static_cast<uint64_t>(now().time_since_epoch().count());
  evidence->tcb_status = own_tcb_status(session, quote, *bundle);
  *out = evidence.release();
  return {};
}

Outcome check_mac(td::Td& td, ByteView report) {
  TRY(check_report_structure(report));
  const Result<Bytes> again = td.report(report_data_of(report));
  if (!again.ok()) return {TDX_ATTEST_ERROR_NOT_SUPPORTED, again.error()};
  if (equal(*again, report)) return {};
  constexpr size_t kMacOffset = 224;
  if (equal(ByteView(*again).first(kMacOffset), report.first(kMacOffset))) {
    return Error{ErrorCode::refused, "the report's MAC is not the one that this TD's reports have"};
  }
  return {TDX_ATTEST_ERROR_NOT_SUPPORTED,
          {ErrorCode::unsupported,
           "the report is not of this TD in its present state: nobody can be asked for its MAC",
           "Linux has no TDG.MR.VERIFYREPORT for programs; ask the other TD for a quote"}};
}

Result<tdx_platform_identity_t> identity_in(ByteView bytes) {
  const Quote quote = TRY(parse_quote(bytes));
  if (quote.certification_data_type != CertificationDataType::pck_chain) {
    return Error{ErrorCode::unsupported, "the quote has no PCK certificate"};
  }
  const x509::Chain chain = TRY(x509::Chain::parse_pem(as_text(quote.certification_data)));
  const auto pck = std::ranges::find_if(
      chain.certificates(),
      [](const x509::Certificate& certificate) { return !certificate.sgx_extension.empty(); });
  if (pck == chain.certificates().end()) {
    return Error{ErrorCode::unsupported, "no certificate in the quote names a platform"};
  }
  const x509::SgxExtension extension = TRY(x509::parse_sgx_extension(pck->sgx_extension));
  tdx_platform_identity_t identity{};
  std::ranges::copy(extension.ppid, identity.ppid);
  std::ranges::copy(extension.fmspc, identity.fmspc);
  std::ranges::copy(extension.pce_id, identity.pce_id);
  if (extension.platform_instance_id) {
    identity.has_platform_instance_id = true;
    std::ranges::copy(*extension.platform_instance_id, identity.platform_instance_id);
  }
  return identity;
}

}  // namespace

extern "C" {

int tdx_attestation_init(const tdx_attestation_config_t* config) {
  return run("tdx_attestation_init", kReport, [&](const Session&) -> Outcome {
    return change_session([&](Session& changed) -> Result<void> {
      changed.attestation =
          TRY(read_config(changed, config ? *config : tdx_attestation_config_t{}));
      return {};
    });
  });
}

void tdx_attestation_cleanup() {
  run("tdx_attestation_cleanup", kReport, [](const Session&) -> Outcome {
    return change_session([](Session& changed) -> Result<void> {
      changed.attestation.reset();
      changed.leave_queue();
      return {};
    });
  });
}

int tdx_attestation_generate_report(const uint8_t* user_data, size_t len,
                                    tdx_report_full_t* report) {
  const int code = run_attestation("tdx_attestation_generate_report", kReport,
                                   [&](const Session&, const AttestationConfig& config) {
                                     return report_to(*config.td, user_data, len, report);
                                   });
  return zero_unless_ok(code, report);
}

int tdx_attestation_get_report_data_hash(const uint8_t* data, size_t len, uint8_t hash[64]) {
  const int code =
      run("tdx_attestation_get_report_data_hash", kReport, [&](const Session&) -> Outcome {
        if (hash == nullptr) return wrong("the hash is NULL");
        const ByteView bytes = TRY(view_of(data, len, "the data"));
        std::ranges::copy(report_data_for(kQuotedDataType, bytes), hash);
        return {};
      });
  return zero_unless_ok(code, hash, td::kReportDataBytes);
}

int tdx_attestation_get_td_info(tdx_report_full_t* report) {
  const int code = run_attestation("tdx_attestation_get_td_info", kReport,
                                   [&](const Session&, const AttestationConfig& config) {
                                     return report_to(*config.td, nullptr, 0, report);
                                   });
  return zero_unless_ok(code, report);
}

int tdx_attestation_get_quote(const tdx_report_full_t* report, uint8_t** quote, size_t* len) {
  if (quote != nullptr) *quote = nullptr;
  if (len != nullptr) *len = 0;
  return run_attestation("tdx_attestation_get_quote", kQuote,
                         [&](const Session&, const AttestationConfig& config) -> Outcome {
                           if (report == nullptr || quote == nullptr || len == nullptr) {
                             return wrong("report, quote or len is NULL");
                           }
                           const auto bytes = std::bit_cast<ReportBytes>(*report);
                           const Bytes made = TRY(quote_in(config, bytes));
                           return give(made, quote, len);
                         });
}

void tdx_attestation_free(void* allocated) { std::free(allocated); }

int tdx_attestation_get_collateral(const uint8_t* quote, size_t len, uint8_t** collateral,
                                   size_t* collateral_len) {
  if (collateral != nullptr) *collateral = nullptr;
  if (collateral_len != nullptr) *collateral_len = 0;
  return run_attestation(
      "tdx_attestation_get_collateral", kNetwork,
      [&](const Session& session, const AttestationConfig&) -> Outcome {
        if (collateral == nullptr || collateral_len == nullptr) {
          return wrong("collateral or collateral_len is NULL");
        }
        const Result<Quote> parsed = parse_quote(TRY(view_of(quote, len, "the quote")));
        if (!parsed.ok()) {
          return {TDX_ATTEST_ERROR_INVALID_PARAM, parsed.error()};
        }
        const Bytes bundle =
            TRY(collateral_bytes_for(session, "tdx_attestation_get_collateral", *parsed));
        return give(bundle, collateral, collateral_len);
      });
}

int tdx_attestation_verify_quote(const uint8_t* quote, size_t len, const uint8_t* collateral,
                                 size_t collateral_len, uint32_t* tcb_status) {
  if (tcb_status != nullptr) *tcb_status = TDX_TCB_STATUS_UNKNOWN;
  return run_attestation("tdx_attestation_verify_quote", kVerification,
                         [&](const Session& session, const AttestationConfig&) -> Outcome {
                           if (tcb_status == nullptr) return wrong("tcb_status is NULL");
                           const Bytes bytes = TRY(copy_of_quote(quote, len));
                           const Quote parsed = TRY(parse_quote(bytes));
                           const ByteView bundle =
                               TRY(view_of(collateral, collateral_len, "the collateral"));
                           Judgement judgement;
                           Outcome judged = judge_with(session, "tdx_attestation_verify_quote",
                                                       parsed, bundle, nullptr, judgement);
                           if (!judged.ok()) return judged;
                           if (!judgement.accepted()) return refusal(*judgement.reason());
                           *tcb_status = tcb_status_code(judgement.verdict.tcb_status);
                           return {};
                         });
}

int tdx_attestation_appraise(const uint8_t* quote, size_t len, const uint8_t* collateral,
                             size_t collateral_len, const uint8_t* event_log, size_t event_log_len,
                             tdx_appraisal_t* appraisal) {
  if (appraisal != nullptr) {
    *appraisal = {};
    appraisal->tcb_status = TDX_TCB_STATUS_UNKNOWN;
  }
  return run_attestation(
      "tdx_attestation_appraise", kVerification,
      [&](const Session& session, const AttestationConfig&) -> Outcome {
        if (appraisal == nullptr) return wrong("appraisal is NULL");
        const Bytes bytes = TRY(copy_of_quote(quote, len));
        const Quote parsed = TRY(parse_quote(bytes));
        const ByteView log_bytes = TRY(view_of(event_log, event_log_len, "the event log"));
        std::optional<RuntimeEventLog> log;
        if (!log_bytes.empty()) log = TRY(RuntimeEventLog::parse(log_bytes));
        const ByteView bundle = TRY(view_of(collateral, collateral_len, "the collateral"));
        Judgement judgement;
        const Outcome judged = judge_with(session, "tdx_attestation_appraise", parsed, bundle,
                                          log ? &*log : nullptr, judgement);
        if (judged.ok()) *appraisal = to_c(judgement);
        return judged;
      });
}

int tdx_attestation_generate_evidence(const uint8_t* user_data, size_t len,
                                      tdx_attestation_evidence_t** evidence) {
  if (evidence != nullptr) *evidence = nullptr;
  return run_attestation("tdx_attestation_generate_evidence", kQuote,
                         [&](const Session& session, const AttestationConfig& config) -> Outcome {
                           if (evidence == nullptr) return wrong("evidence is NULL");
                           return make_evidence(session, config, user_data, len, evidence);
                         });
}

void tdx_attestation_free_evidence(tdx_attestation_evidence_t* evidence) {
  if (evidence == nullptr) return;
  std::free(evidence->quote);
  std::free(evidence->collateral);
  std::free(evidence);
}

int tdx_attestation_extend_rtmr(uint32_t index, const uint8_t* digest, size_t len) {
  return run_attestation("tdx_attestation_extend_rtmr", kReport,
                         [&](const Session&, const AttestationConfig& config) -> Outcome {
                           ByteArray<td::kRtmrBytes> value{};
                           if (digest == nullptr || len != value.size()) {
                             return wrong("a digest has 48 bytes: SHA-384");
                           }
                           // Which others there are not, the TD says likewise.
                           if (index < td::kFirstExtendableRtmr) {
                             return wrong("only RTMR2 and RTMR3 can be extended");
                           }
                           std::copy_n(digest, len, value.begin());
                           return config.td->extend_rtmr(index, value);
                         });
}

int tdx_report_check_structure(const tdx_report_full_t* report, const uint8_t* expected) {
  return run("tdx_report_check_structure", kVerification, [&](const Session&) -> Outcome {
    if (report == nullptr) return wrong("the report is NULL");
    const auto bytes = std::bit_cast<ReportBytes>(*report);
    TRY(check_report_structure(bytes));
    if (expected == nullptr) return {};
    return check_report_hashes(bytes, TRY(report_data_from(expected, td::kReportDataBytes)));
  });
}

int tdx_report_check_mac(const tdx_report_full_t* report) {
  return run_attestation("tdx_report_check_mac", kVerification,
                         [&](const Session&, const AttestationConfig& config) -> Outcome {
                           if (report == nullptr) return wrong("the report is NULL");
                           return check_mac(*config.td, std::bit_cast<ReportBytes>(*report));
                         });
}

int tdx_attestation_get_platform_identity(const uint8_t* quote, size_t len,
                                          tdx_platform_identity_t* identity) {
  if (identity != nullptr) *identity = {};
  return run_attestation("tdx_attestation_get_platform_identity", kQuote,
                         [&](const Session&, const AttestationConfig& config) -> Outcome {
                           if (identity == nullptr) return wrong("identity is NULL");
                           const ByteView given = TRY(view_of(quote, len, "the quote"));
                           Bytes own;
                           if (given.empty()) {
                             if (config.no_quotes) return *config.no_quotes;
                             own = TRY(config.td->quote({}));
                           }
                           *identity = TRY(identity_in(given.empty() ? ByteView(own) : given));
                           return {};
                         });
}

}  // extern "C"
}  // namespace quoin::capi
