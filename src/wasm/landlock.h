// Landlock (Documentation/userspace-api/landlock.rst): a second fence around files, network and
// signals, where the kernel has it.

#ifndef QUOIN_SRC_WASM_LANDLOCK_H_
#define QUOIN_SRC_WASM_LANDLOCK_H_

#include <span>
#include <string>

#include "src/os/unique_fd.h"

namespace quoin {

// A file or a directory with everything beneath it.
struct LandlockRule {
  std::string path;
  bool writable = false;  // else it may be read and executed
};

// A ruleset that denies all that this kernel's Landlock knows except `rules`. A rule whose path
// does not exist is left out. No descriptor, and no error, when the kernel has no Landlock: the
// other fences hold without it.
Result<UniqueFd> make_landlock_ruleset(std::span<const LandlockRule> rules);

// Puts the calling thread behind the ruleset, for good. Needs no-new-privileges. Safe between fork
// and exec. Whether it worked.
bool enforce_landlock(int ruleset);

}  // namespace quoin

#endif  // QUOIN_SRC_WASM_LANDLOCK_H_
