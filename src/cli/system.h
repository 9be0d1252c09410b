// What the command asks the system for: the time, and where a user's files are.

#ifndef QUOIN_SRC_CLI_SYSTEM_H_
#define QUOIN_SRC_CLI_SYSTEM_H_

#include <string>
#include <string_view>

#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::cli {

// The machine's clock: the only place of the whole house that reads it.
UtcTime now();

// $XDG_DATA_HOME/quoin/simulator, else ~/.local/share/quoin/simulator (XDG Base Directory
// Specification, 0.8: what is not an absolute path is ignored). Fails with not_found when neither
// variable helps.
Result<std::string> simulator_directory();

// $XDG_CACHE_HOME/quoin/objects, else ~/.cache/quoin/objects. The directories above it are made
// when they are missing, mode 0700. Fails likewise, and with io.
Result<std::string> object_cache_directory();

// $XDG_CACHE_HOME/quoin/collateral, else ~/.cache/quoin/collateral. Makes nothing. Fails with
// not_found when neither variable helps.
Result<std::string> collateral_cache_directory();

// "0.1.0".
std::string_view version();

// The day on which this version was written: now is later.
UtcTime version_date();

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_SYSTEM_H_
