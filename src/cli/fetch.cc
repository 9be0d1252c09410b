#include "src/cli/fetch.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "src/base/try.h"
#include "src/cli/evidence.h"
#include "src/cli/system.h"
#include "src/pcs/client.h"
#include "src/pcs/quote_provider.h"

namespace quoin::cli {
namespace {

constexpr size_t kMaxConfigBytes = size_t{1} << 20;
// What that file may ask for, within reason.
constexpr uint32_t kMaxRetries = 10;
constexpr uint32_t kMaxRetryDelaySeconds = 60;
constexpr uint32_t kMaxCacheHours = 30 * 24;

Result<pcs::Update> read_update(const Arguments& arguments, const pcs::QcnlConfig& config) {
  const auto text = arguments.get("--update");
  if (!text) return config.tcb_update_type.value_or(pcs::Update::standard);
  for (const pcs::Update update : {pcs::Update::early, pcs::Update::standard}) {
    if (*text == pcs::to_string(update)) return update;
  }
  return usage_error("--update " + std::string(*text) + ": not understood",
                     "wanted early or standard");
}

void apply(const pcs::QcnlConfig& config, FetchPlan& plan) {
  if (config.retry_times) {
    plan.http.retries.attempts = 1 + std::min(*config.retry_times, kMaxRetries);
  }
  if (config.retry_delay_seconds) {
    plan.http.retries.first_delay =
        std::chrono::seconds(std::min(*config.retry_delay_seconds, kMaxRetryDelaySeconds));
    plan.http.retries.longest_delay =
        std::max(plan.http.retries.longest_delay, plan.http.retries.first_delay);
  }
  if (config.verify_collateral_cache_expire_hours) {
    plan.rules.max_age =
        std::chrono::hours(std::min(*config.verify_collateral_cache_expire_hours, kMaxCacheHours));
  }
}

}  // namespace

std::string qcnl_config_path(const Arguments& arguments) {
  return std::string(arguments.get("--qcnl-conf").value_or(pcs::kQcnlConfigPath));
}

Result<std::optional<pcs::QcnlConfig>> read_qcnl_config(const Arguments& arguments,
                                                        Inputs& inputs) {
  const bool is_named = arguments.has("--qcnl-conf");
  const std::string path = qcnl_config_path(arguments);
  const Result<Bytes> file =
      is_named ? read_named(inputs, path, kMaxConfigBytes) : inputs.read(path, kMaxConfigBytes);
  if (!file.ok()) {
    if (!is_named && file.error().code == ErrorCode::not_found) {
      return std::optional<pcs::QcnlConfig>();
    }
    return file.error();
  }
  Result<pcs::QcnlConfig> config = pcs::parse_qcnl_config(as_text(*file));
  if (!config.ok()) return in_file(path, config.error());
  return std::optional(std::move(*config));
}

Error no_collateral() {
  return {ErrorCode::not_found, "there is no collateral to verify with",
          "--collateral FILE names it: TCB info, QE identity and CRLs for the platform"};
}

Result<FetchPlan> plan_fetch(const Arguments& arguments, Inputs& inputs, Output& output) {
  // Who names a service means that one: the file is then not looked at.
  pcs::QcnlConfig config;
  if (!arguments.has("--pccs")) {
    config = TRY(read_qcnl_config(arguments, inputs)).value_or(pcs::QcnlConfig());
    for (const std::string& remark : config.remarks) {
      output.notice(qcnl_config_path(arguments) + ": " + remark);
    }
  }
  FetchPlan plan = TRY(plan_fetch(arguments, config, inputs));
  if (plan.http.insecure_any_certificate) {
    output.notice("the PCCS's certificate is not checked: use_secure_cert is false");
  }
  return plan;
}

Result<FetchPlan> plan_fetch(const Arguments& arguments, const pcs::QcnlConfig& config,
                             Inputs& inputs) {
  FetchPlan plan;
  const auto address = arguments.get("--pccs");
  plan.is_named = address.has_value();
  plan.service = pcs::Service::intel();
  if (address) {
    plan.service = TRY(pcs::Service::parse(*address));
  } else {
    apply(config, plan);
    if (const std::string* url = config.collateral_url()) {
      plan.service = TRY(pcs::Service::parse(*url));
      plan.http.insecure_any_certificate = config.use_secure_cert == false;
    }
  }
  plan.http.allow_http_to_loopback = true;
  plan.http.user_agent = "quoin/" + std::string(version());
  if (const auto path = arguments.get("--pccs-ca")) {
    // Read here, so that a file that is not there is a mistake of the command line.
    TRY(read_named(inputs, *path, kMaxConfigBytes));
    plan.http.ca_file = std::string(*path);
    plan.http.insecure_any_certificate = false;
  }
  plan.update = TRY(read_update(arguments, address ? pcs::QcnlConfig() : config));
  plan.use_cache = !arguments.has("--no-cache");
  plan.use_qpl = arguments.has("--use-qpl");
  return plan;
}

Result<pcs::CollateralRequest> plan_request(const FetchPlan& plan, const Quote& quote) {
  if (names_simulator(quote) && !plan.is_named) {
    return Error{
        ErrorCode::not_found,
        "there is no collateral to verify with, and Intel has none for a simulator's quote",
        "quoin sim collateral makes it for --collateral; quoin sim pcs serves it for "
        "--pccs"};
  }
  return pcs::request_for(quote, plan.update);
}

namespace {

// Null where our own client is the one to ask.
Result<std::unique_ptr<pcs::QuoteProvider>> find_provider(const FetchPlan& plan, Output& output) {
  if (!plan.use_qpl) return std::unique_ptr<pcs::QuoteProvider>();
  auto provider = pcs::QuoteProvider::load_installed();
  if (!provider.ok() && provider.error().code == ErrorCode::not_found) {
    output.notice(provider.error().what + ": asking " + plan.service.base);
    return std::unique_ptr<pcs::QuoteProvider>();
  }
  return provider;
}

}  // namespace

Result<pcs::FetchedCollateral> fetch_collateral(const FetchPlan& plan,
                                                const pcs::CollateralRequest& request,
                                                Output& output) {
  const net::Waiting waiting = net::system_waiting();
  const std::unique_ptr<pcs::QuoteProvider> provider = TRY(find_provider(plan, output));
  net::HttpClient http(plan.http, waiting);
  pcs::PcsClient own_client(http, plan.service);
  pcs::CollateralSource& client =
      provider != nullptr ? static_cast<pcs::CollateralSource&>(*provider) : own_client;
  pcs::FetchedCollateral fetched;
  if (plan.use_cache) {
    const pcs::CollateralCache cache(TRY(collateral_cache_directory()));
    fetched = TRY(pcs::fetch_cached(cache, client, request, now(), plan.rules, waiting));
  } else {
    fetched.fetched_at = now();
    fetched.bundle = TRY(client.fetch(request, fetched.fetched_at));
  }
  for (const std::string& remark : fetched.remarks) output.notice(remark);
  output.notice("collateral from " + client.name() +
                (fetched.from_cache ? ", fetched at " + to_string(fetched.fetched_at) : ""));
  return fetched;
}

}  // namespace quoin::cli
