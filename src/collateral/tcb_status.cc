#include <array>

#include "quoin/collateral.h"

namespace quoin {
namespace {

struct NamedStatus {
  TcbStatus status;
  std::string_view name;
};

// Intel SGX PCS API v4, "tcbStatus"; the last three are verification's
// (intel/confidential-computing.tee.dcap.qvl, QuoteVerification.h).
constexpr std::array kNames = {
    NamedStatus{TcbStatus::up_to_date, "UpToDate"},
    NamedStatus{TcbStatus::sw_hardening_needed, "SWHardeningNeeded"},
    NamedStatus{TcbStatus::configuration_needed, "ConfigurationNeeded"},
    NamedStatus{TcbStatus::configuration_and_sw_hardening_needed,
                "ConfigurationAndSWHardeningNeeded"},
    NamedStatus{TcbStatus::out_of_date, "OutOfDate"},
    NamedStatus{TcbStatus::out_of_date_configuration_needed, "OutOfDateConfigurationNeeded"},
    NamedStatus{TcbStatus::revoked, "Revoked"},
    NamedStatus{TcbStatus::td_relaunch_advised, "TDRelaunchAdvised"},
    NamedStatus{TcbStatus::td_relaunch_advised_configuration_needed,
                "TDRelaunchAdvisedConfigurationNeeded"},
    NamedStatus{TcbStatus::not_supported, "NotSupported"},
};

}  // namespace

std::string_view to_string(TcbStatus status) {
  for (const auto& entry : kNames) {
    if (entry.status == status) return entry.name;
  }
  return "Unrecognized";
}

TcbStatus parse_tcb_status(std::string_view name) {
  for (const auto& entry : kNames) {
    if (entry.name == name) return entry.status;
  }
  return TcbStatus::unrecognized;
}

}  // namespace quoin
