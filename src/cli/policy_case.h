// The evidence that a policy is tried on, case by case (docs/formats.md, "Policy cases").

#ifndef QUOIN_SRC_CLI_POLICY_CASE_H_
#define QUOIN_SRC_CLI_POLICY_CASE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quoin/collateral.h"
#include "quoin/eventlog.h"
#include "quoin/result.h"
#include "quoin/time.h"
#include "src/cli/evidence.h"
#include "src/cli/verification.h"

namespace quoin::cli {

// Where a case is written.
struct CaseFile {
  std::string name;  // "NAME" of NAME.case.json or NAME/case.json
  std::string path;
};

// The cases of a directory, by name. Nothing else in it is looked at. Fails with invalid_argument
// or io when it cannot be read, and with too_large over 10000 entries.
Result<std::vector<CaseFile>> list_cases(const std::string& directory);

// The regular files of a directory, by name, but for descriptions of cases. Fails likewise.
Result<std::vector<std::string>> list_files(const std::string& directory);

// What the policy's owner wants to hear.
struct Expectation {
  bool accepted = false;
  std::string reason;  // of a refusal: the id of the first check that does not pass
};

// A case with everything that it names, read.
struct PolicyCase {
  Evidence evidence;
  std::optional<Collateral> collateral;
  std::optional<RuntimeEventLog> event_log;
  UtcTime at{};
  Expectation expectation;
};

// Reads a case's description, and the files that it names from the description's directory. Fails
// with the codes of their parsers, and as read_named() does.
Result<PolicyCase> read_case(const CaseFile& file);

// Evidence without a description. Its collateral comes with it, or else is the bundle
// `collateral`, which may be empty. Fails likewise, and with not_found when there is none.
Result<PolicyCase> read_bare_evidence(const std::string& path, UtcTime at, ByteView collateral);

// What a policy says of a case.
Verification judge(const PolicyCase& policy_case, const Policy& policy,
                   const std::vector<TrustRoot>& trust_roots);

// "accepted", or "refused (policy_tcb_status)".
std::string answer_text(bool accepted, std::string_view reason);
std::string answer_text(const Verification& verification);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_POLICY_CASE_H_
