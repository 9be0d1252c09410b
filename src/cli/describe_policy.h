// What a policy means, in plain words.

#ifndef QUOIN_SRC_CLI_DESCRIBE_POLICY_H_
#define QUOIN_SRC_CLI_DESCRIBE_POLICY_H_

#include <string>
#include <string_view>
#include <vector>

#include "quoin/policy.h"

namespace quoin::cli {

// Something that its owner should know. The id is stable.
struct PolicyWarning {
  std::string_view id;
  std::string text;
};

// What it accepts, a sentence each, in the order of the file.
std::vector<std::string> policy_sentences(const Policy& policy);

// Where it accepts more than a careful owner may think.
std::vector<PolicyWarning> policy_warnings(const Policy& policy);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_DESCRIBE_POLICY_H_
