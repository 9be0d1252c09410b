// Everything that we can parse, field by field, as `quoin inspect` shows it.

#ifndef QUOIN_SRC_CLI_DESCRIBE_H_
#define QUOIN_SRC_CLI_DESCRIBE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "quoin/collateral.h"
#include "quoin/eventlog.h"
#include "quoin/quote.h"
#include "quoin/receipt.h"
#include "quoin/seal.h"
#include "src/cli/value.h"
#include "src/x509/certificate.h"
#include "src/x509/chain.h"
#include "src/x509/crl.h"

namespace quoin::cli {

Value::Object describe(const Quote& quote);
// MRTD, RTMRs and what else of a TD's or an enclave's report says who it is.
Value::Object describe_measurements(const Quote& quote);
Value::Object describe(const TdReportStruct& report);
Value::Object describe(const Statement& statement);
Value::Object describe(const TcbInfo& tcb_info);
Value::Object describe(const QeIdentity& identity);
Value::Object describe(const Collateral& collateral);
Value::Object describe(const x509::Certificate& certificate);
Value::List describe(const x509::Chain& chain);
Value::Object describe(const x509::Crl& crl);
// What stands in clear in front of sealed data: a claim, until somebody has opened them.
Value::Object describe(const SealedHeader& header);

Value::Object describe(const CcEventLog& log);
Value::List describe(const Rtmrs& rtmrs);
// "MRTD" for 0, "RTMR0" for 1, ...
std::string register_name(uint32_t mr_index);
// The name that --json gives it: stable.
std::string_view secure_boot_name(SecureBoot state);
// What an event log says of it, for people.
std::string_view secure_boot_sentence(SecureBoot state);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_DESCRIBE_H_
