// The list of checks that a verdict is made of.

#ifndef QUOIN_SRC_VERIFY_CHECK_LIST_H_
#define QUOIN_SRC_VERIFY_CHECK_LIST_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "quoin/time.h"
#include "quoin/verify.h"
#include "src/verify/rules.h"

namespace quoin {

// Collects checks in order, and the earliest end of what they rest on. Not thread-safe.
class CheckList {
 public:
  // Records how `rule` went, and returns it.
  bool add(const Rule& rule, bool passed, std::string seen, std::string wanted) {
    checks_.push_back({rule.id, passed, std::move(seen), std::move(wanted), rule.source});
    all_passed_ = all_passed_ && passed;
    return passed;
  }

  // Whether something that ends at `end` (inclusive) still holds at `now`.
  bool not_expired(const Rule& rule, UtcTime end, UtcTime now) {
    valid_until_ = std::min(valid_until_, end);
    return add(rule, now <= end, "ends " + to_string(end), "not before " + to_string(now));
  }

  // Whether something that begins at `begin` (inclusive) holds at `now` already.
  bool not_before(const Rule& rule, UtcTime begin, UtcTime now) {
    return add(rule, begin <= now, "begins " + to_string(begin), "not after " + to_string(now));
  }

  bool all_passed() const { return all_passed_; }
  UtcTime valid_until() const { return valid_until_; }
  std::vector<Check> take() { return std::move(checks_); }

 private:
  std::vector<Check> checks_;
  bool all_passed_ = true;
  UtcTime valid_until_ = UtcTime::max();
};

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_CHECK_LIST_H_
