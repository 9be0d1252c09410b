// Fetching collateral, as the command line and this machine's configuration say.

#ifndef QUOIN_SRC_CLI_FETCH_H_
#define QUOIN_SRC_CLI_FETCH_H_

#include <optional>
#include <string>

#include "quoin/quote.h"
#include "quoin/result.h"
#include "src/cli/arguments.h"
#include "src/cli/named_files.h"
#include "src/cli/output.h"
#include "src/net/http_client.h"
#include "src/pcs/cache.h"
#include "src/pcs/qcnl_config.h"
#include "src/pcs/request.h"
#include "src/pcs/service.h"

namespace quoin::cli {

// The options that every command has which fetches.
inline constexpr Option kPccsOption = {"--pccs", "URL",
                                       "fetch from this PCCS; plain http only to this machine"};
inline constexpr Option kPccsCaOption = {"--pccs-ca", "FILE",
                                         "the CA (PEM) of the PCCS's own certificate"};
inline constexpr Option kUpdateOption = {
    "--update", "early|standard", "TCB info of a TCB recovery before it is in force, or after"};
inline constexpr Option kNoCacheOption = {"--no-cache", "", "neither read the cache nor write it"};
inline constexpr Option kQcnlConfigOption = {"--qcnl-conf", "FILE",
                                             "read this instead of /etc/sgx_default_qcnl.conf"};

inline constexpr Option kUseQplOption = {
    "--use-qpl", "", "ask this machine's libdcap_quoteprov.so.1, where it is installed"};
inline constexpr Option kOfflineOption = {"--offline", "", "fetch nothing"};

// Why there is no verdict where none was given and nothing may be fetched.
Error no_collateral();

// Where and how to fetch, before anything is sent.
struct FetchPlan {
  pcs::Service service;
  net::HttpOptions http;
  pcs::Update update = pcs::Update::standard;
  pcs::CacheRules rules;
  bool use_cache = true;
  bool is_named = false;  // --pccs
  bool use_qpl = false;
};

// The path of the file that Intel's software reads: --qcnl-conf, or where that looks for it.
std::string qcnl_config_path(const Arguments& arguments);

// What the file says; nothing where there is none and --qcnl-conf names none. Fails where it is
// malformed or cannot be read.
Result<std::optional<pcs::QcnlConfig>> read_qcnl_config(const Arguments& arguments, Inputs& inputs);

// By the options, else by that file, else Intel's own service. Prints what is odd about the file.
// Fails with invalid_argument, and as read_qcnl_config() does.
Result<FetchPlan> plan_fetch(const Arguments& arguments, Inputs& inputs, Output& output);
// The same, of a file that has been read, without a word.
Result<FetchPlan> plan_fetch(const Arguments& arguments, const pcs::QcnlConfig& config,
                             Inputs& inputs);

// What to ask for, for that quote. Fails with not_found for a simulator's quote unless --pccs is
// given: Intel has no collateral for those. Else as pcs::request_for() does.
Result<pcs::CollateralRequest> plan_request(const FetchPlan& plan, const Quote& quote);

// The collateral, from the cache, this machine's provider library (where the plan has it, and it is
// installed) or the service, and notices about it.
Result<pcs::FetchedCollateral> fetch_collateral(const FetchPlan& plan,
                                                const pcs::CollateralRequest& request,
                                                Output& output);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_FETCH_H_
