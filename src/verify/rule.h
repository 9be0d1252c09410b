// What a check looks at: one rule, stated once for whoever is refused by it and for the
// documentation.

#ifndef QUOIN_SRC_VERIFY_RULE_H_
#define QUOIN_SRC_VERIFY_RULE_H_

#include <string_view>

namespace quoin {

// Everything has static storage. docs/verification.md is made of these.
struct Rule {
  std::string_view id;           // of the check
  std::string_view requirement;  // a sentence: what must hold
  std::string_view source;       // the document and section that says so
  std::string_view advice;       // what to do where it does not hold
};

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_RULE_H_
