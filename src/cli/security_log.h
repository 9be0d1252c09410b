// --security-log: where a command's decisions are written down (docs/security-events.md).

#ifndef QUOIN_SRC_CLI_SECURITY_LOG_H_
#define QUOIN_SRC_CLI_SECURITY_LOG_H_

#include <string>

#include "quoin/result.h"
#include "src/cli/arguments.h"
#include "src/cli/command.h"
#include "src/os/security_log.h"

namespace quoin::cli {

inline constexpr Option kSecurityLogOption = {
    "--security-log", "FILE|-", "append what was decided to this file, as a line of JSON"};

// The log that the option names; one that writes nothing where there is none. Fails as
// SecurityLog::open() does.
inline Result<SecurityLog> open_security_log(const Arguments& arguments) {
  const auto path = arguments.get("--security-log");
  if (!path) return SecurityLog();
  return SecurityLog::open(std::string(*path));
}

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SECURITY_LOG_H_
