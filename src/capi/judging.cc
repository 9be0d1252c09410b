#include "src/capi/judging.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "src/base/try.h"
#include "src/net/http_client.h"
#include "src/os/io.h"
#include "src/pcs/cache.h"
#include "src/pcs/client.h"
#include "src/pcs/qcnl_config.h"
#include "src/pcs/quote_provider.h"
#include "src/pcs/request.h"
#include "src/pcs/serves.h"
#include "src/td/quote_check.h"

namespace quoin::capi {
namespace {

constexpr size_t kMaxBundleBytes = size_t{8} << 20;
constexpr size_t kMaxConfigBytes = size_t{64} << 10;

struct Place {
  pcs::Service service;
  bool insecure_any_certificate = false;
};

// Where collateral is asked for. Of the file of Intel's software counts the address alone.
Result<Place> find_place(const AttestationConfig& config) {
  if (!config.pccs_url.empty()) return Place{TRY(pcs::Service::parse(config.pccs_url))};
  const std::string path(pcs::kQcnlConfigPath);
  const Result<Bytes> file = read_file(path, kMaxConfigBytes);
  if (!file.ok() && file.error().code == ErrorCode::not_found) return Place{pcs::Service::intel()};
  if (!file.ok()) return file.error();
  const pcs::QcnlConfig qcnl = TRY(pcs::parse_qcnl_config(as_text(*file)));
  const std::string* const url = qcnl.collateral_url();
  if (url == nullptr) return Place{pcs::Service::intel()};
  return Place{TRY(pcs::Service::parse(*url)), qcnl.use_secure_cert == false};
}

// The host's library where it is wanted and installed; null where our own client asks. One that is
// there and cannot be used is not passed over in silence.
Result<std::unique_ptr<pcs::QuoteProvider>> find_provider(const AttestationConfig& config) {
  if (!config.use_qpl) return std::unique_ptr<pcs::QuoteProvider>();
  auto provider = pcs::QuoteProvider::load_installed();
  if (provider.ok() || provider.error().code != ErrorCode::not_found) return provider;
  return std::unique_ptr<pcs::QuoteProvider>();
}

Result<Bytes> fetch(const Session& session, const AttestationConfig& config, const char* function,
                    const Quote& quote) {
  const Place place = TRY(find_place(config));
  const pcs::CollateralRequest request = TRY(pcs::request_for(quote));
  net::HttpOptions options;
  options.total_timeout = config.request_timeout;
  options.connect_timeout = std::min(options.connect_timeout, config.request_timeout);
  options.allow_http_to_loopback = true;
  options.insecure_any_certificate = place.insecure_any_certificate;
  const net::Waiting waiting = net::system_waiting();
  const std::unique_ptr<pcs::QuoteProvider> provider = TRY(find_provider(config));
  net::HttpClient http(options, waiting);
  pcs::PcsClient own_client(http, place.service);
  pcs::CollateralSource& client =
      provider ? static_cast<pcs::CollateralSource&>(*provider) : own_client;
  if (config.collateral_path.empty()) return client.fetch(request, now());
  const pcs::CollateralCache cache(config.collateral_path);
  const pcs::CacheRules rules = {
      .serves = pcs::serves(*session.verifier, quote, now()),
      .stale_on_error = session.policy && session.policy->stale_collateral_on_error};
  pcs::FetchedCollateral fetched =
      TRY(pcs::fetch_cached(cache, client, request, now(), rules, waiting));
  for (const std::string& remark : fetched.remarks) tell(session, function, remark);
  return std::move(fetched.bundle);
}

}  // namespace

const Check* Judgement::reason() const {
  const Check* const not_genuine = verdict.reason();
  return not_genuine != nullptr ? not_genuine : decision.reason();
}

Result<Bytes> copy_of_quote(const uint8_t* quote, size_t len) {
  const ByteView given = TRY(view_of(quote, len, "the quote"));
  if (given.size() > td::kMaxQuoteBytes) {
    return Error{ErrorCode::too_large, "quote: over 1 MiB",
                 "the length is in bytes, of the quote alone"};
  }
  return Bytes(given.begin(), given.end());
}

Judgement judge(const Session& session, const Quote& quote, const PreparedCollateral& collateral,
                const RuntimeEventLog* event_log) {
  const UtcTime time = now();
  Judgement found;
  found.verdict = session.verifier->verify(quote, collateral, time);
  PolicyInput input(quote, collateral.collateral(), found.verdict, time);
  input.event_log = event_log;
  found.decision = decide_tersely(session.policy.value_or(Policy()), input);
  return found;
}

Result<Judgement> judge(const Session& session, const char* function, const Quote& quote,
                        const RuntimeEventLog* event_log) {
  if (auto refusal = session.verifier->refuse_without_collateral(quote, now())) {
    return Judgement{.verdict = *std::move(refusal), .decision = {}};
  }
  return judge(session, quote, TRY(collateral_for(session, function, quote)), event_log);
}

Result<Bytes> collateral_bytes_for(const Session& session, const char* function,
                                   const Quote& quote) {
  if (session.collateral) return session.collateral_bytes;
  if (!session.attestation) {
    return Error{ErrorCode::not_found, "there is no collateral to verify with",
                 "tdx_set_collateral() gives it, tdx_attestation_init() says where it is fetched"};
  }
  const AttestationConfig& config = *session.attestation;
  std::error_code ignored;
  if (!config.collateral_path.empty() &&
      std::filesystem::is_regular_file(config.collateral_path, ignored)) {
    return read_file(config.collateral_path, kMaxBundleBytes);
  }
  Result<Bytes> fetched = fetch(session, config, function, quote);
  if (fetched.ok() || fetched.error().code != ErrorCode::invalid_argument) return fetched;
  // An address that is none stands in this machine's settings: no parameter of the call is wrong.
  Error error = std::move(fetched).error();
  error.code = ErrorCode::io;
  return error;
}

Result<PreparedCollateral> collateral_for(const Session& session, const char* function,
                                          const Quote& quote) {
  if (session.collateral) return *session.collateral;
  const Bytes bundle = TRY(collateral_bytes_for(session, function, quote));
  return PreparedCollateral(TRY(Collateral::parse(bundle)));
}

Error refusal(const Check& reason) {
  return {ErrorCode::refused,
          "the quote is refused (" + std::string(reason.id) + "): " + reason.seen + "; wanted " +
              reason.wanted,
          reason.advice};
}

uint32_t tcb_status_code(std::optional<TcbStatus> status) {
  if (!status) return TDX_TCB_STATUS_UNKNOWN;
  switch (*status) {
    case TcbStatus::up_to_date:
      return TDX_TCB_STATUS_OK;
    case TcbStatus::out_of_date:
      return TDX_TCB_STATUS_OUT_OF_DATE;
    case TcbStatus::revoked:
      return TDX_TCB_STATUS_REVOKED;
    case TcbStatus::configuration_needed:
      return TDX_TCB_STATUS_CONFIGURATION_NEEDED;
    case TcbStatus::out_of_date_configuration_needed:
      return TDX_TCB_STATUS_OUT_OF_DATE_CONFIG;
    case TcbStatus::sw_hardening_needed:
      return TDX_TCB_STATUS_SW_HARDENING_NEEDED;
    case TcbStatus::configuration_and_sw_hardening_needed:
      return TDX_TCB_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED;
    case TcbStatus::td_relaunch_advised:
      return TDX_TCB_STATUS_TD_RELAUNCH_ADVISED;
    case TcbStatus::td_relaunch_advised_configuration_needed:
      return TDX_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
    case TcbStatus::unrecognized:
    case TcbStatus::not_supported:
      return TDX_TCB_STATUS_UNKNOWN;
  }
  return TDX_TCB_STATUS_UNKNOWN;
}

}  // namespace quoin::capi
