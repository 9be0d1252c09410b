// `quoin verify` for people: the answer first, then the reason, then what was proven.

#ifndef QUOIN_SRC_CLI_VERDICT_TEXT_H_
#define QUOIN_SRC_CLI_VERDICT_TEXT_H_

#include <cstddef>
#include <string>

#include "src/cli/evidence.h"
#include "src/cli/verification.h"

namespace quoin::cli {

inline constexpr size_t kScreenColumns = 100;
inline constexpr size_t kScreenLines = 40;

struct VerdictTextOptions {
  bool colour = false;
  // Every check, however many lines that takes. Otherwise at most kScreenLines.
  bool verbose = false;
};

// Lines of at most kScreenColumns columns. Nothing in it can look like a line of ours that is not.
std::string verdict_text(const Evidence& evidence, const Verification& verification,
                         const VerdictTextOptions& options);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_VERDICT_TEXT_H_
