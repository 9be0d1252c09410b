// The rules of a policy, by name, and where each is written. Each lives in one function.

#ifndef QUOIN_SRC_POLICY_RULES_H_
#define QUOIN_SRC_POLICY_RULES_H_

#include <array>

#include "src/verify/rule.h"

namespace quoin::policy_rules {

// Where the meaning of a policy's keys is written.
inline constexpr std::string_view kSource = "policy; docs/formats.md, Policy";
inline constexpr std::string_view kTdAttributesSource =
    "Intel TDX Module ABI specification, TD_ATTRIBUTES";

inline constexpr std::string_view kDoNotUseThisTd =
    "do not use this TD: launch it anew with other attributes, or let the policy allow it";

// The platform.
inline constexpr Rule kTcbStatus = {
    "policy_tcb_status",
    "The platform's TCB status is one that the policy accepts, or it is OutOfDate and still in the "
    "policy's grace period.",
    kSource,
    "the platform's owner must update it, or the policy must accept this status",
};
inline constexpr Rule kAdvisoriesAllowed = {
    "policy_advisories_allowed",
    "Where the status is not UpToDate, every advisory that stands against the platform is one that "
    "the policy allows.",
    kSource,
    "read the advisory; allow it in the policy if it does not matter to you, else have the "
    "platform updated",
};
inline constexpr Rule kAdvisoriesDenied = {
    "policy_advisories_denied",
    "No advisory that stands against the platform is one that the policy denies.",
    kSource,
    "have the platform updated: the policy does not live with this advisory",
};
inline constexpr Rule kTcbEvaluationDataNumber = {
    "policy_tcb_evaluation_data_number",
    "TCB info and QE identity are of the TCB recovery that the policy asks for, or of a later one.",
    kSource,
    "fetch fresh collateral: this knows nothing of what has been found since",
};
inline constexpr Rule kCollateralAge = {
    "policy_collateral_age",
    "TCB info, QE identity and PCK CRL are no older than the policy allows.",
    kSource,
    "fetch fresh collateral",
};
inline constexpr Rule kPlatformAllowed = {
    "policy_platform_allowed",
    "The platform is on the policy's list of allowed platforms, where it has one.",
    kSource,
    "do not trust this platform; if it is one of yours, add it to the list",
};
inline constexpr Rule kPlatformDenied = {
    "policy_platform_denied",
    "The platform is not on the policy's list of denied platforms.",
    kSource,
    "do not trust this platform: the policy's owner has named it",
};

// A TD's attributes.
inline constexpr Rule kTdUnderDebug = {
    "policy_td_under_debug",
    "No bit of the TUD group of TD_ATTRIBUTES, which has DEBUG, is set.",
    kTdAttributesSource,
    "do not use this TD: its host can look into it",
};
inline constexpr Rule kTdAttributesReserved = {
    "policy_td_attributes_reserved",
    "No bit of TD_ATTRIBUTES is set that we know nothing of.",
    kTdAttributesSource,
    "do not use this TD: nobody has said what this attribute lets its host do",
};
inline constexpr Rule kSeptVeDisable = {
    "policy_sept_ve_disable",
    "SEPT_VE_DISABLE is set: the host cannot make the TD fault on its own pages.",
    kTdAttributesSource,
    kDoNotUseThisTd,
};
inline constexpr Rule kMigratable = {
    "policy_migratable",
    "MIGRATABLE is not set: the TD stays on the machine that was verified.",
    kTdAttributesSource,
    kDoNotUseThisTd,
};
inline constexpr Rule kPerfmon = {
    "policy_perfmon",
    "PERFMON is not set: the TD's performance counters give nothing away.",
    kTdAttributesSource,
    kDoNotUseThisTd,
};
inline constexpr Rule kServiceTd = {
    "policy_service_td",
    "No service TD is bound, which could read or move the TD.",
    "Intel TDX Module ABI specification, SERVTD_HASH",
    kDoNotUseThisTd,
};

// An enclave's.
inline constexpr Rule kSgxDebug = {
    "policy_sgx_debug",
    "The enclave is not in debug mode.",
    "Intel SDM, ATTRIBUTES.DEBUG",
    "do not use this enclave: its host can look into it",
};

// What ran.
inline constexpr Rule kEventLog = {
    "policy_event_log",
    "The event log that was given is this TD's: its runtime events replay to the quote's RTMR3.",
    "Intel TDX Module ABI specification, TDG.MR.RTMR.EXTEND",
    "get quote and event log anew from the TD, both at one time",
};
inline constexpr Rule kMeasurements = {
    "policy_measurements",
    "What ran is what one of the policy's measurement sets names.",
    kSource,
    "--policy FILE with the measurements you want; quoin inspect shows these",
};
inline constexpr Rule kModules = {
    "policy_modules",
    "Where the policy names WebAssembly modules, the evidence is a receipt of a run.",
    kSource,
    "verify the receipt of the run instead of its quote alone",
};

// In the order in which they are looked at.
inline constexpr std::array kAll = {
    kTcbStatus,
    kAdvisoriesAllowed,
    kAdvisoriesDenied,
    kTcbEvaluationDataNumber,
    kCollateralAge,
    kPlatformAllowed,
    kPlatformDenied,
    kTdUnderDebug,
    kTdAttributesReserved,
    kSeptVeDisable,
    kMigratable,
    kPerfmon,
    kServiceTd,
    kSgxDebug,
    kEventLog,
    kMeasurements,
    kModules,
};

}  // namespace quoin::policy_rules

#endif  // QUOIN_SRC_POLICY_RULES_H_
