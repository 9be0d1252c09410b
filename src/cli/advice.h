// What somebody can do about a check that did not pass.

#ifndef QUOIN_SRC_CLI_ADVICE_H_
#define QUOIN_SRC_CLI_ADVICE_H_

#include <string_view>

namespace quoin::cli {

// For the check of that id; empty where there is nothing better to say than what was seen.
std::string_view advice_for(std::string_view check_id);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_ADVICE_H_
